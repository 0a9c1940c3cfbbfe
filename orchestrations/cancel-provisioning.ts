import type { CancelRequest } from "../shared/contract/cancel.ts";
import { problem } from "../shared/contract/problem.ts";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { begin } from "./claim-request.ts";
import { completionOf } from "./completion-of.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { openProgress, type Progress } from "./progress.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { proxyActivities } from "./proxy-activities.ts";
import { type Answered, publish } from "./publish.ts";
import { cancelRequested, wait } from "./wait.ts";

/** How long a cancellation waits for a request that it may have overtaken. */
const OVERTAKEN_MS = 5 * 60_000;
const FIRST_LOOK_SECONDS = 1;
const LONGEST_LOOK_SECONDS = 30;

/** Cancels a request: validate, tell it, wait until it has its answer; then publish what came of it. */
export function* cancelProvisioning(context: OrchestrationContext): Durable<Answered> {
  const request = context.df.getInput<ProvisioningRequest>();
  const progress = openProgress(context, request);
  const { validateCancel } = proxyActivities(context, progress);

  const known = yield* begin(context, progress, request);
  if (known) return known;

  const completion = yield* completionOf(context, request, progress, function* () {
    yield* cancelAndWait(context, progress, yield* validateCancel(request));
    return { change: null, resource: null };
  });
  return yield* publish(context, request.instanceId, completion);
}

/** Tells a request that it is to stop until it has its answer. Throws ProvisioningError where it had one already, got another one, or does not come. */
function* cancelAndWait(context: OrchestrationContext, progress: Progress, { requestSource, requestId }: CancelRequest): Durable<void> {
  const { inspectInstance } = proxyActivities(context, progress);
  const target = instanceIdOf(requestSource, requestId);
  const overtakenUntil = now(context) + OVERTAKEN_MS;
  for (let look = 0; ; look++) {
    let claim = yield* callClaim(context, target, "cancel");
    if (claim.completion?.event.data.outcome === "Cancelled" && claim.cancelled) return;
    if (claim.completion) throw finished(claim.completion.event.data.outcome);
    const begun = claim.fingerprints.length > 0;
    try {
      if (begun) yield* inspectInstance({ instanceId: target, event: cancelRequested });
    } catch (error) {
      // A store that cannot pass it on now is asked at the next look: the claim keeps what is wanted.
      if (error instanceof ProvisioningError) throw error;
    }
    if (!begun && now(context) >= overtakenUntil) {
      claim = yield* callClaim(context, target, "withdraw");
      if (claim.fingerprints.length === 0) throw unknown(requestSource, requestId);
    }
    const seconds = Math.min(FIRST_LOOK_SECONDS * 2 ** look, LONGEST_LOOK_SECONDS);
    yield* wait(context, progress, Math.min(now(context) + seconds * 1000, progress.deadlineAt));
    if (now(context) >= progress.deadlineAt)
      throw new ProvisioningError(
        problem("ServiceUnavailable", "The request did not end before the deadline of this cancellation. It may still be cancelled."),
      );
  }
}

function finished(outcome: string): ProvisioningError {
  return new ProvisioningError(problem("RequestFinished", `The request was already finished (${outcome}). Nothing was cancelled.`));
}

function unknown(source: string, id: string): ProvisioningError {
  const named = `${JSON.stringify(id)} from ${JSON.stringify(source)}`;
  const text = `No request ${named} was received within ${OVERTAKEN_MS / 60_000} minutes. Check source and id. Nothing was cancelled.`;
  return new ProvisioningError(problem("RequestUnknown", text));
}
