import { EntityId } from "durable-functions";
import type { RequestNames } from "../shared/contract/request-names.ts";
import type { Claim, claimOperations } from "../shared/durable/claim.ts";
import type { RememberedKeys } from "../shared/durable/connection-keys.ts";
import { gatewayEntityKey } from "../shared/durable/entity-keys.ts";
import type { GatewayView, Release } from "../shared/durable/gateway.ts";
import { entities } from "../shared/durable/names.ts";
import type { Waiter } from "../shared/durable/waiting.ts";
import type { Target } from "../shared/resource-id.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";

/** The inputs of the operations of a gateway that return a view, without the time. */
interface GatewayInputs {
  readonly acquire: { readonly waiter: Waiter; readonly names: RequestNames };
  readonly release: Release;
  readonly evict: { readonly gone: string; readonly asking: string };
}

/** Calls the entity of a gateway, by its key. Returns the gateway as the caller sees it. */
export function* callGateway<Name extends keyof GatewayInputs>(
  context: OrchestrationContext,
  key: string,
  operation: Name,
  input: GatewayInputs[Name],
): Durable<GatewayView> {
  return yield context.df.callEntity(new EntityId(entities.gateway, key), operation, {
    ...input,
    now: context.df.currentUtcDateTime.toISOString(),
  });
}

/** Returns what is remembered of a connection's keys. */
export function* recallKeys(context: OrchestrationContext, target: Target): Durable<RememberedKeys> {
  const { connectionName } = target;
  return yield context.df.callEntity(new EntityId(entities.gateway, gatewayEntityKey(target)), "recall", { connectionName });
}

type ClaimInputs = {
  [Name in keyof typeof claimOperations]: (typeof claimOperations)[Name] extends (state: never, input: infer Input) => unknown
    ? Input
    : undefined;
};

/** Calls the claim of a request, by its instance id. Returns the claim after the operation. */
export function* callClaim<Name extends keyof ClaimInputs>(
  context: OrchestrationContext,
  instanceId: string,
  ...[operation, input]: ClaimInputs[Name] extends object ? [Name, ClaimInputs[Name]] : [Name]
): Durable<Claim> {
  return yield context.df.callEntity(new EntityId(entities.request, instanceId), operation, input ?? null);
}

/**
 * Notes in the claim of a request that its completion was sent, without waiting for it. If the note
 * is lost, the sweep may send the same completion again.
 */
export function noteSent(context: OrchestrationContext, instanceId: string): void {
  context.df.signalEntity(new EntityId(entities.request, instanceId), "sent");
}
