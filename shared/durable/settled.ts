import type { Problem } from "../contract/problem.ts";

/**
 * Why a step has to be tried again, which decides how long it may be: `unauthorized` once, after 30 s, because a new token or a new role may not have
 * arrived yet; `broker` without a limit, because an answer must not be lost.
 */
export type LaterClass = "transient" | "busy" | "unauthorized" | "broker";

/** One exchange with Resource Manager, as the completion's ledger shows it. */
export interface Attempt {
  readonly action: "check" | "get" | "put" | "poll" | "verify";
  /** The id under which Azure logged this one call. */
  readonly clientRequestId: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;
}

/** What crosses an activity's boundary: a result, the reason why there is none, or when to try again. */
export type Settled<T> = (
  | { readonly ok: T }
  | { readonly problem: Problem }
  | {
      readonly later: {
        readonly class: LaterClass;
        readonly afterSeconds?: number;
        readonly problem: Problem;
        /** What the next try has to know of this one. */
        readonly carried?: unknown;
      };
    }
) & { readonly attempts?: readonly Attempt[] };
