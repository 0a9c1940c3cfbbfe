import { interruption, rejectionOf, requestIdConflict } from "../shared/contract/rejection.ts";
import { requestHeaderOf } from "../shared/durable/answer.ts";
import { isSamePayload } from "../shared/durable/claim.ts";
import { completionEventIdOf, conflictEventIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Durable } from "./durable.ts";
import { callClaim } from "./entities.ts";
import type { Instance } from "./instance.ts";
import { claimAndHandOver, claimAndPublish, type InstanceResult } from "./publish.ts";

/** The result of claiming a request id. */
export type ClaimResult = { readonly result: InstanceResult } | { readonly cancelled: boolean };

/**
 * Claims the request id. If the id belongs to another payload, or has a completion already,
 * publishes the completion and returns it as `result`. Otherwise returns whether the request was
 * cancelled before it began.
 *
 * If the same message is delivered twice at the same time, a second instance can replace one that
 * has ended. The extension's setting `overridableExistingInstanceStates` cannot forbid this. Only
 * the claim shows what the first instance did.
 */
export function* claimRequest({ context, noteOutcome }: Instance, request: ProvisioningRequest): Durable<ClaimResult> {
  const { instanceId, fingerprints } = request;
  const claim = yield* callClaim(context, instanceId, "open", { fingerprints, asked: requestHeaderOf(request) });
  if (!isSamePayload(claim.fingerprints, fingerprints)) {
    // This instance has replaced the instance of the earlier request, which was ended from outside.
    // The sweep cannot find it any more, so its completion is published here. The two completions
    // do not wait for each other.
    if (claim.asked && !claim.sent) {
      const interrupted = rejectionOf(
        completionEventIdOf(instanceId),
        claim.asked,
        interruption("Unknown"),
        context.df.currentUtcDateTime,
        "Unknown",
      );
      const first = { instanceId, fingerprints: claim.fingerprints };
      if (!(yield* claimAndHandOver(context, first, interrupted))) yield* claimAndPublish(context, instanceId, interrupted);
    }
    noteOutcome();
    const eventId = conflictEventIdOf(instanceId, fingerprints);
    const answer = rejectionOf(eventId, request, requestIdConflict(), context.df.currentUtcDateTime);
    return { result: yield* claimAndPublish(context, eventId, answer) };
  }
  if (claim.completion) {
    noteOutcome();
    return { result: yield* claimAndPublish(context, instanceId, claim.completion) };
  }
  return { cancelled: claim.cancelled };
}
