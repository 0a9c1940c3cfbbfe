import type { Target } from "../shared/resource-id.ts";

/** What every activity that talks to Resource Manager is told: which connection, for which instance, and which secrets must not come back out. */
export interface ConnectionInput {
  readonly instanceId: string;
  readonly target: Target;
  /** JSON pointer in the request's data → sealed secret. */
  readonly sealed: Readonly<Record<string, string>>;
}
