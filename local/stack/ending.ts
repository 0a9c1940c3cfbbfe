import { STORAGE_EXIT_CODE } from "../storage-error.ts";

/** How a process ended: one of exit code and signal, and the lines that it wrote to stderr. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly errors: readonly string[];
  /** Where the whole log is. */
  readonly log?: string | undefined;
}

const MOST_LINES = 6;
const LONGEST_LINE = 200;
/** What V8 and Node write when the heap is full (https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib). */
const OUT_OF_MEMORY = /heap out of memory|ERR_WORKER_OUT_OF_MEMORY|Allocation failed/;
/** Lines of a crash that say nothing of its reason: garbage collections, the native stack, the version, a marker below a line of code. */
const NOISE = /^<--- |^\[\d+:0x|^\s*\d+: 0x|^-+ Native stack trace|^Node\.js v|^[\s^~]*$/;

/** Says in one sentence why a process ended, with its last errors on lines of their own. */
export function describeEnding(name: string, ending: Ending): string {
  const lines = ending.errors.filter((line) => !NOISE.test(line)).slice(-MOST_LINES);
  const log = ending.log ? [`The whole log is in ${ending.log}.`] : [];
  return [`${name} ${reasonOf(ending)}.`, ...lines.map((line) => `  ${line.slice(0, LONGEST_LINE)}`), ...log].join("\n");
}

function reasonOf({ code, signal, errors }: Ending): string {
  if (errors.some((line) => OUT_OF_MEMORY.test(line))) return "ran out of memory";
  if (code === STORAGE_EXIT_CODE) return "cannot use its files";
  if (code !== null) return `ended with exit code ${code}`;
  // Nothing else tells that the kernel was short of memory.
  if (signal === "SIGKILL") return "was ended by SIGKILL, which somebody sent, or the system because it was short of memory";
  return `was ended by ${signal}`;
}
