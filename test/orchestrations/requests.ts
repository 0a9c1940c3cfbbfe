import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import { policySchema } from "../../shared/policy.ts";
import { beginning } from "./replayed.ts";

const source = "/test";

/**
 * A request as an instance has it; `rank` is its place among all: the lower, the earlier the broker
 * had it.
 */
export function requestNamed(
  id: string,
  {
    gateway = "gateway1",
    connection = id,
    rank = 1,
    ...limits
  }: { gateway?: string; connection?: string; rank?: number; deadlineMinutes?: number; queueDeadlineMinutes?: number } = {},
): ProvisioningRequest {
  const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: gateway, connectionName: connection };
  return {
    instanceId: instanceIdOf(source, id),
    requestId: id,
    requestSource: source,
    type: "vpn-connection.provision.requested.v1",
    data: JSON.stringify({ target, ...limits }),
    ticket: null,
    fingerprints: [`k1.${id}`],
    // Two of them in each second: the number tells them apart.
    receivedAt: new Date(beginning - 60_000 + Math.floor(rank / 2) * 1000).toISOString(),
    sequenceNumber: String(rank),
    queue: "requests",
    replySessionId: null,
    traceparent: null,
    policy: policySchema.parse({}),
  };
}

/** A cancellation of a request. */
export function cancellationOf(id: string, requestId: string): ProvisioningRequest {
  return {
    ...requestNamed(id),
    type: "vpn-connection.provision.cancel.requested.v1",
    data: JSON.stringify({ requestSource: source, requestId }),
  };
}
