import { interruption, rejectionOf, requestIdConflict } from "../shared/contract/rejection.ts";
import { askedIn } from "../shared/durable/answer.ts";
import { samePayload } from "../shared/durable/claim.ts";
import { completionEventIdOf, conflictEventIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Durable } from "./durable.ts";
import { callClaim } from "./entities.ts";
import type { Instance } from "./instance.ts";
import { claimAndHandOver, claimAndPublish, type InstanceResult } from "./publish.ts";

/** What the claim of a request says at its start. */
export type Claimed = { readonly answered: InstanceResult } | { readonly cancelled: boolean };

/**
 * Claims the request id. Publishes the answer at once if the id belongs to another payload or is
 * already answered. Otherwise returns whether the request was cancelled before it began.
 *
 * An instance that has ended can be replaced by a delivery that came at the same time, because
 * `overridableExistingInstanceStates` has no value that forbids it. Only the claim knows what was
 * there before.
 */
export function* claimRequest({ context, noteOutcome }: Instance, request: ProvisioningRequest): Durable<Claimed> {
  const { instanceId, fingerprints } = request;
  const claim = yield* callClaim(context, instanceId, "open", { fingerprints, asked: askedIn(request) });
  if (!samePayload(claim.fingerprints, fingerprints)) {
    // The earlier request was ended from outside, and nothing else can find it any more. The two
    // answers do not wait for one another.
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
    return { answered: yield* claimAndPublish(context, eventId, answer) };
  }
  if (claim.completion) {
    noteOutcome();
    return { answered: yield* claimAndPublish(context, instanceId, claim.completion) };
  }
  return { cancelled: claim.cancelled };
}
