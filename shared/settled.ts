import type { Problem } from "./problem.ts";

/** Why a step has to be tried again, which decides how long it may be: `broker` has no limit, because an answer must not be lost. */
export type LaterClass = "transient" | "busy" | "broker";

/** One exchange with Resource Manager, as the completion's ledger shows it. */
export interface Attempt {
  readonly action: "get" | "put" | "poll" | "verify";
  readonly status: number | null;
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;
}

/** What crosses an activity's boundary: a result, the reason why there is none, or when to try again. */
export type Settled<T> = (
  | { readonly ok: T }
  | { readonly problem: Problem }
  | { readonly later: { readonly class: LaterClass; readonly afterSeconds?: number; readonly problem: Problem } }
) & { readonly attempts?: readonly Attempt[] };
