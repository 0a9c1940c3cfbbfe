import { interruption, rejectionOf, requestIdConflict } from "../shared/contract/rejection.ts";
import { askedIn } from "../shared/durable/answer.ts";
import { isSamePayload } from "../shared/durable/claim.ts";
import { conflictEventIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import type { Progress } from "./progress.ts";
import { type Answered, handOver, publish } from "./publish.ts";

/**
 * Takes the request's place in the world, and answers at once where it has none: an instance that has ended can be replaced by a delivery that came at the
 * same time (`overridableExistingInstanceStates` has no value that forbids it), and only the claim knows then what was before.
 */
export function* begin(context: OrchestrationContext, progress: Progress, request: ProvisioningRequest): Durable<Answered | undefined> {
  const { instanceId, fingerprints } = request;
  const claim = yield* callClaim(context, instanceId, "open", { fingerprints, asked: askedIn(request) });
  if (!isSamePayload(claim.fingerprints, fingerprints)) {
    // The request that was here before was ended from outside, and nothing in this place would find that any more. The two answers do not wait
    // for one another.
    if (claim.asked && !claim.sent) {
      const interrupted = rejectionOf(
        `${instanceId}.completed`,
        claim.asked,
        interruption("Unknown"),
        context.df.currentUtcDateTime,
        "Unknown",
      );
      const first = { instanceId, fingerprints: claim.fingerprints };
      if (!(yield* handOver(context, first, interrupted))) yield* publish(context, instanceId, interrupted);
    }
    progress.answering();
    const eventId = conflictEventIdOf(instanceId, fingerprints);
    const answer = rejectionOf(eventId, request, requestIdConflict(), context.df.currentUtcDateTime);
    return yield* publish(context, eventId, answer);
  }
  if (claim.completion) {
    progress.answering();
    return yield* publish(context, instanceId, claim.completion);
  }
  progress.cancelled = claim.cancelled;
  return undefined;
}
