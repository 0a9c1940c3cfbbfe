import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import { pollTimesOf } from "./simulation/operations.ts";
import { formatTable } from "./simulation/tables.ts";
import { workOfRequest } from "./work-per-request.ts";

/** What the local store keeps of one request: printed by test/orchestrations/history-program.ts. */
export interface KeptHistory {
  readonly polls: number;
  readonly episodes: number;
  readonly events: number;
  readonly bytes: number;
}

/** The lengths of the operations, as the table names them. */
export const operationLengths: readonly { readonly name: string; readonly seconds: number }[] = [
  { name: "1 min", seconds: 60 },
  { name: "10 min", seconds: 600 },
  { name: "30 min", seconds: 1_800 },
  { name: "6 h", seconds: 21_600 },
  { name: "24 h", seconds: 86_400 },
];

/** The values of Retry-After, as the table names them. */
export const retryAfterHints: readonly (number | null)[] = [null, 10, 100];

const SECONDS_PER_CALL = 0.01;

/** The instance whose jitter the table shows. */
export const exampleRequest = { source: "/ticketing/servicenow", id: "0b9f9d5e-6c1f-4a53-8f0e-3a5d1a4c7e21" } as const;

/**
 * Returns the table of what waiting costs. Timers fire as early as they may, which gives the most
 * polls. What a history keeps grows with the polls, so two measured histories give all rows.
 */
export function tableOfWaiting([few, many]: readonly [KeptHistory, KeptHistory]): string {
  const grow = (kind: "episodes" | "events" | "bytes", polls: number) =>
    few[kind] + ((polls - few.polls) * (many[kind] - few[kind])) / (many.polls - few.polls);
  const seed = instanceIdOf(exampleRequest.source, exampleRequest.id);
  const rows = operationLengths.map(({ name, seconds }) => {
    const counts = retryAfterHints.map(
      (hint) => pollTimesOf(seconds, { retryAfter: () => hint, lateSeconds: SECONDS_PER_CALL, seed }).length,
    );
    const [most = 0] = counts;
    const figures = [
      grow("episodes", most),
      grow("events", most),
      Math.round(grow("bytes", most) / 10_000) * 10,
      workOfRequest(most).storageTransactions,
    ];
    return [name, ...[...counts, ...figures].map((figure) => Math.round(figure).toLocaleString("en"))];
  });
  const head = ["operation", "polls without Retry-After", "with 10 s", "with 100 s"];
  return formatTable([[...head, "episodes", "events of the history", "KB of the history", "storage transactions"], ...rows]);
}

/** Measures the histories of two requests with different numbers of polls. It needs a build. */
export function measureHistories(): [KeptHistory, KeptHistory] {
  const program = join(import.meta.dirname, "..", "test", "orchestrations", "history-program.ts");
  const printed = execFileSync(process.execPath, [program], { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(printed) as [KeptHistory, KeptHistory];
}
