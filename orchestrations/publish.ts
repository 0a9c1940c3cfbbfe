import type { Completion } from "../shared/contract/completion.ts";
import { answerInstanceIdOf } from "../shared/durable/instance-id.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim, noteSent } from "./entities.ts";
import { openEndlessRetries } from "./retries.ts";
import { openSteps } from "./steps.ts";

/** The result of an instance. The claim keeps the whole completion. */
export interface InstanceResult {
  readonly eventId: string;
  readonly outcome: string;
}

/**
 * Claims the completion of a request, so that no other one can be sent. Then publishes the one that
 * was claimed first, however long the broker is not available, and notes that it was sent. The
 * fingerprints are needed if the claim may not be open yet.
 */
export function* claimAndPublish(
  context: OrchestrationContext,
  instanceId: string,
  completion: Completion,
  fingerprints?: readonly string[],
): Durable<InstanceResult> {
  const { publishCompletion } = openSteps(context, openEndlessRetries());
  const first = yield* claimCompletion(context, instanceId, completion, fingerprints);
  yield* publishCompletion(first);
  noteSent(context, instanceId);
  return instanceResultOf(first);
}

/**
 * Claims the completion of a request, and starts another instance that publishes it, so that the
 * caller can continue while the broker is not available. Returns undefined if that fails: then the
 * caller must publish the completion itself.
 */
export function* claimAndHandOver(
  context: OrchestrationContext,
  { instanceId, fingerprints }: { readonly instanceId: string; readonly fingerprints: readonly string[] },
  completion: Completion,
): Durable<InstanceResult | undefined> {
  const { handOverAnswer } = openSteps(context, openEndlessRetries());
  try {
    const first = yield* claimCompletion(context, instanceId, completion);
    const answer = { claimId: instanceId, fingerprints, completion: first };
    yield* handOverAnswer({ instanceId: answerInstanceIdOf(instanceId), answer });
    return instanceResultOf(first);
  } catch {
    return undefined;
  }
}

/** Claims a completion. Returns the one that was claimed first. */
function* claimCompletion(
  context: OrchestrationContext,
  instanceId: string,
  completion: Completion,
  fingerprints?: readonly string[],
): Durable<Completion> {
  const claim = yield* callClaim(context, instanceId, "claim", { completion, ...(fingerprints ? { fingerprints } : {}) });
  return claim.completion ?? completion;
}

function instanceResultOf({ event }: Completion): InstanceResult {
  return { eventId: event.id, outcome: event.data.outcome };
}
