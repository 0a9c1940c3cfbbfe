import type { Problem } from "../contract/problem.ts";
import type { Before } from "./before.ts";

/**
 * Why a step must be tried again. The class decides for how long: `unauthorized` is tried again
 * once, after 30 s, because a new token or role may not be active yet. `broker` has no limit,
 * because a completion must not be lost. `missing` is tried again for 90 s, because the replicas of
 * Resource Manager may lag behind a change. `sealing` is tried again until the request's deadline:
 * this instance of the app does not have the sealing key yet, or not any more. The other two have
 * budgets in the policy.
 */
export type LaterClass = "transient" | "busy" | "unauthorized" | "missing" | "broker" | "sealing";

/** One call of Resource Manager in the list of calls that a completion contains. */
export interface Attempt {
  readonly action: "check" | "get" | "put" | "poll" | "verify";
  /** The id of this call in Azure's logs. */
  readonly clientRequestId: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;
  /** Only if an earlier read was used: of which resource, and how old it was. */
  readonly remembered?: { readonly resourceId: string; readonly ageSeconds: number } | undefined;
}

/** What an activity returns: its result, the problem that prevents one, or when to try again. */
export type Settled<T> = (
  | { readonly ok: T }
  | { readonly problem: Problem }
  | {
      readonly later: {
        readonly class: LaterClass;
        readonly afterSeconds?: number;
        readonly problem: Problem;
        /**
         * The connection before a PUT whose result is unknown. The next try of the PUT receives it.
         */
        readonly carried?: Before;
      };
    }
) & { readonly attempts?: readonly Attempt[] };
