import { STORAGE_EXIT_CODE } from "../storage-error.ts";

/** How a process ended: its exit code or its signal, and its lines on stderr. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly errors: readonly string[];
  /** The path of its log. */
  readonly log?: string | undefined;
}

const MOST_LINES = 6;
const LONGEST_LINE = 200;
/**
 * What V8 and Node write if the heap is full
 * (https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib).
 */
const OUT_OF_MEMORY = /heap out of memory|ERR_WORKER_OUT_OF_MEMORY|Allocation failed/;
/**
 * Lines of a crash that do not help to find the reason: garbage collections, the native stack, the
 * version, the marker below a line of code.
 */
const NOISE = /^<--- |^\[\d+:0x|^\s*\d+: 0x|^-+ Native stack trace|^Node\.js v|^[\s^~]*$/;

/** Returns one sentence that says why a process ended, with its last errors below it. */
export function describeEnding(name: string, ending: Ending): string {
  const lines = ending.errors.filter((line) => !NOISE.test(line)).slice(-MOST_LINES);
  const log = ending.log ? [`The whole log is in ${ending.log}.`] : [];
  return [`${name} ${reasonOf(ending)}.`, ...lines.map((line) => `  ${line.slice(0, LONGEST_LINE)}`), ...log].join("\n");
}

function reasonOf({ code, signal, errors }: Ending): string {
  if (errors.some((line) => OUT_OF_MEMORY.test(line))) return "ran out of memory";
  if (code === STORAGE_EXIT_CODE) return "cannot use its files";
  if (code !== null) return `ended with exit code ${code}`;
  // Only this signal shows that the kernel ran out of memory.
  if (signal === "SIGKILL") return "was ended by SIGKILL: sent by a user or a program, or by the system because memory ran out";
  return `was ended by ${signal}`;
}
