import { EntityId } from "durable-functions";
import type { Claim, claimOperations } from "../shared/durable/claim.ts";
import type { GivenKeys, RememberedKeys } from "../shared/durable/connection-keys.ts";
import { connectionEntityKey } from "../shared/durable/entity-keys.ts";
import type { LeaseView, leaseOperations } from "../shared/durable/lease.ts";
import { entities } from "../shared/durable/names.ts";
import type { Target } from "../shared/resource-id.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";

type Inputs<Operations> = {
  [Name in keyof Operations]: Operations[Name] extends (state: never, input: infer Input) => unknown ? Input : undefined;
};

/** What the lease entity is asked: an operation's own input but for the time, and who asks. */
type LeaseInputs = {
  [Name in keyof Inputs<typeof leaseOperations>]: Omit<Inputs<typeof leaseOperations>[Name], "now"> & { readonly asking: string };
};

/** Calls the lease of a gateway, by its key, at the orchestration's time, and returns how it looks afterwards. */
export function* callLease<Name extends keyof LeaseInputs>(
  context: OrchestrationContext,
  key: string,
  operation: Name,
  input: LeaseInputs[Name],
): Durable<LeaseView> {
  return yield context.df.callEntity(new EntityId(entities.lease, key), operation, {
    ...input,
    now: context.df.currentUtcDateTime.toISOString(),
  });
}

/** Calls the claim of a request, by its instance id, and answers how it is afterwards. */
export function* callClaim<Name extends keyof typeof claimOperations>(
  context: OrchestrationContext,
  instanceId: string,
  ...[operation, input]: Inputs<typeof claimOperations>[Name] extends object ? [Name, Inputs<typeof claimOperations>[Name]] : [Name]
): Durable<Claim> {
  return yield context.df.callEntity(new EntityId(entities.claim, instanceId), operation, input ?? null);
}

/** What is known of the keys that a connection was last given; `take` forgets them, because a PUT may change them. */
export function* callKeys(context: OrchestrationContext, target: Target, operation: "recall" | "take"): Durable<RememberedKeys> {
  return yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), operation, null);
}

/** Remembers the keys that a connection was seen to have taken, and that this source gave them. */
export function* rememberKeys(context: OrchestrationContext, target: Target, given: GivenKeys): Durable<void> {
  if (given.keys.length === 0) return;
  yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), "remember", given);
}

/** Remembers again what `take` had forgotten. */
export function* restoreKeys(context: OrchestrationContext, target: Target, { keys }: RememberedKeys): Durable<void> {
  if (keys.length === 0) return;
  yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), "restore", { keys });
}
