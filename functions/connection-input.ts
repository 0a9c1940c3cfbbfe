import type { Target } from "../shared/resource-id.ts";

/** What every activity that talks to Resource Manager is told: which connection, for which instance, and which secrets must not come back out. */
export interface ConnectionInput {
  readonly instanceId: string;
  /** For the log, as the ticket's id is. */
  readonly requestId: string;
  readonly ticketId: string | null;
  readonly target: Target;
  /** JSON pointer in the request's data → sealed secret. */
  readonly sealed: Readonly<Record<string, string>>;
}

/** What the orchestration adds for each try of a step. */
export interface Try {
  /** Counted from 1 over all tries of the step's kind in the instance: ids of calls are made of it. */
  readonly attempt: number;
  /** What the try before wanted this one to know. */
  readonly carried?: unknown;
}
