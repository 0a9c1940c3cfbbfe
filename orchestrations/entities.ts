import { EntityId } from "durable-functions";
import type { RequestNames } from "../shared/contract/request-names.ts";
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

/**
 * The inputs of the lease's operations, without the time, and with the id of the calling instance.
 */
type LeaseInputs = {
  [Name in keyof Inputs<typeof leaseOperations>]: Omit<Inputs<typeof leaseOperations>[Name], "now"> & {
    readonly asking: string;
    readonly names?: RequestNames;
  };
};

/** Calls the lease of a gateway, by its entity key. Returns the lease after the operation. */
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

/** Calls the claim of a request, by its instance id. Returns the claim after the operation. */
export function* callClaim<Name extends keyof typeof claimOperations>(
  context: OrchestrationContext,
  instanceId: string,
  ...[operation, input]: Inputs<typeof claimOperations>[Name] extends object ? [Name, Inputs<typeof claimOperations>[Name]] : [Name]
): Durable<Claim> {
  return yield context.df.callEntity(new EntityId(entities.claim, instanceId), operation, input ?? null);
}

/**
 * Returns what is remembered of a connection's keys. `take` also forgets the keys, because a PUT
 * may change them.
 */
export function* callKeys(context: OrchestrationContext, target: Target, operation: "recall" | "take"): Durable<RememberedKeys> {
  return yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), operation, null);
}

/**
 * Remembers the keys of a connection after its change was verified, and the source that set them.
 */
export function* rememberKeys(context: OrchestrationContext, target: Target, given: GivenKeys): Durable<void> {
  if (given.keys.length === 0) return;
  yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), "remember", given);
}

/** Restores the keys that `take` has removed. */
export function* restoreKeys(context: OrchestrationContext, target: Target, { keys }: RememberedKeys): Durable<void> {
  if (keys.length === 0) return;
  yield context.df.callEntity(new EntityId(entities.keys, connectionEntityKey(target)), "restore", { keys });
}
