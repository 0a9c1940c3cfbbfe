import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How long Azure works on the change of a request. */
export interface Duration {
  readonly name: string;
  readonly seconds: number;
}

/** The durations that `npm run cost` measures. */
export const durations: readonly Duration[] = [
  { name: "at once", seconds: 0 },
  { name: "2 min", seconds: 120 },
  { name: "30 min", seconds: 1_800 },
  { name: "6 h", seconds: 21_600 },
];

/** What was counted while requests of one duration ran, for one request. */
export interface Counts extends Duration {
  readonly polls: number;
  /** Executions by function. Each belongs to one scale group. */
  readonly executions: Readonly<Record<string, number>>;
  /** Executions by the group in which Flex Consumption scales them. */
  readonly groups: Readonly<Record<string, number>>;
  readonly resourceManagerCalls: number;
  /** The request, and the events that a subscriber of all events gets. */
  readonly messages: number;
  readonly logBytes: number;
  readonly historyBytes: number;
}

/** Everything that a run has counted. */
export interface Measured {
  readonly requests: number;
  readonly counts: readonly Counts[];
  /** Executions of the timer functions in 30 days, by their schedules. */
  readonly timers: Readonly<Record<string, number>>;
}

/** How to run the requests. */
export interface MeasureOptions {
  /** Requests of each duration. */
  readonly requests: number;
  readonly durations: readonly Duration[];
  /** A folder that keeps the host's log, its store, and the calls of Resource Manager. */
  readonly keep?: string | undefined;
}

/**
 * Runs requests on the local stack, on a clock that jumps over the waits, and counts their work. It
 * needs a build. Rejects with the last lines of the program if it fails.
 */
export async function measureCounts(options: MeasureOptions): Promise<Measured> {
  const program = join(import.meta.dirname, "measure-program.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000,
  });
  let [printed, said] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`The measurement failed: ${said.trim().split("\n").slice(-5).join("\n")}`);
  return JSON.parse(printed) as Measured;
}
