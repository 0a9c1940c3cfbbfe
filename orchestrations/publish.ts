import type { Completion } from "../shared/contract/completion.ts";
import { answerInstanceIdOf } from "../shared/durable/instance-id.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { openEndlessRetries } from "./retries.ts";
import { openSteps } from "./steps.ts";

/** The result of an instance. The whole answer is kept in the claim. */
export interface InstanceResult {
  readonly eventId: string;
  readonly outcome: string;
}

/**
 * Gives a request its one answer. Claims it, so that no other can be sent; publishes whatever was
 * claimed first, however long the broker is away; and notes that it was sent.
 */
export function* claimAndPublish(context: OrchestrationContext, instanceId: string, completion: Completion): Durable<InstanceResult> {
  const { publishCompletion } = openSteps(context, openEndlessRetries());
  const first = yield* claimCompletion(context, instanceId, completion);
  yield* publishCompletion(first);
  yield* callClaim(context, instanceId, "sent");
  return instanceResultOf(first);
}

/**
 * Gives a request its one answer without waiting until it is sent. Claims it, and starts another
 * instance that publishes what was claimed first, so that the caller can go on while the broker is
 * away. Returns nothing if that is not possible now; then the answer must still be published.
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

/** Claims an answer and returns the one that was claimed first. */
function* claimCompletion(context: OrchestrationContext, instanceId: string, completion: Completion): Durable<Completion> {
  return (yield* callClaim(context, instanceId, "claim", { completion })).completion ?? completion;
}

function instanceResultOf({ event }: Completion): InstanceResult {
  return { eventId: event.id, outcome: event.data.outcome };
}
