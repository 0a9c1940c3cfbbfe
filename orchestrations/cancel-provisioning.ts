import type { CancelRequest } from "../shared/contract/cancel.ts";
import { problem } from "../shared/contract/problem.ts";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { claimRequest } from "./claim-request.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { type Instance, openInstance } from "./instance.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { claimAndPublish, type InstanceResult } from "./publish.ts";
import { runToCompletion } from "./run-to-completion.ts";
import { cancelEvent, waitUntil } from "./wait-until.ts";

/** How long a cancellation waits for its request, which may arrive after it. */
const LATE_REQUEST_MS = 5 * 60_000;
const FIRST_LOOK_SECONDS = 1;
const LONGEST_LOOK_SECONDS = 30;

/**
 * Cancels a request: validates, raises the event, waits for the request's completion, and publishes
 * the completion of the cancellation.
 */
export function* cancelProvisioning(context: OrchestrationContext): Durable<InstanceResult> {
  const request = context.df.getInput<ProvisioningRequest>();
  const instance = openInstance(context, request);

  const claim = yield* claimRequest(instance, request);
  if ("result" in claim) return claim.result;

  const completion = yield* runToCompletion(instance, request, claim, function* () {
    yield* cancelAndWait(instance, yield* instance.steps.validateCancel(request));
    return { change: null, resource: null };
  });
  return yield* claimAndPublish(context, request.instanceId, completion);
}

/**
 * Cancels a request, and waits until it has the outcome Cancelled. Throws ProvisioningError if the
 * request has another outcome, or was never received.
 */
function* cancelAndWait({ context, steps, retries }: Instance, { requestSource, requestId }: CancelRequest): Durable<void> {
  const target = instanceIdOf(requestSource, requestId);
  const giveUpAt = now(context) + LATE_REQUEST_MS;
  for (let look = 0; ; look++) {
    let claim = yield* callClaim(context, target, "cancel");
    if (claim.completion?.event.data.outcome === "Cancelled" && claim.cancelled) return;
    if (claim.completion) throw finishedErrorOf(claim.completion.event.data.outcome);
    const hasBegun = claim.fingerprints.length > 0;
    try {
      if (hasBegun) yield* steps.inspectInstance({ instanceId: target, event: cancelEvent });
    } catch (error) {
      // If the store is not available, the next look tries again. The claim keeps the cancellation.
      if (error instanceof ProvisioningError) throw error;
    }
    if (!hasBegun && now(context) >= giveUpAt) {
      claim = yield* callClaim(context, target, "withdraw");
      if (claim.fingerprints.length === 0) throw unknownErrorOf(requestSource, requestId);
    }
    const seconds = Math.min(FIRST_LOOK_SECONDS * 2 ** look, LONGEST_LOOK_SECONDS);
    yield* waitUntil(context, retries, Math.min(now(context) + seconds * 1000, retries.deadlineAt));
    if (now(context) >= retries.deadlineAt)
      throw new ProvisioningError(
        problem("ServiceUnavailable", "The request did not end before the deadline of this cancellation. It may still be cancelled."),
      );
  }
}

function finishedErrorOf(outcome: string): ProvisioningError {
  return new ProvisioningError(problem("RequestFinished", `The request was already finished (${outcome}). Nothing was cancelled.`));
}

function unknownErrorOf(source: string, id: string): ProvisioningError {
  const request = `${JSON.stringify(id)} from ${JSON.stringify(source)}`;
  const text = `No request ${request} was received within ${LATE_REQUEST_MS / 60_000} minutes. Check source and id. Nothing was cancelled.`;
  return new ProvisioningError(problem("RequestUnknown", text));
}
