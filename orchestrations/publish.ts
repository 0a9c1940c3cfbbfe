import type { Completion } from "../shared/contract/completion.ts";
import { answerInstanceIdOf } from "../shared/durable/instance-id.ts";
import { TIMERS_FIRE_EARLY_SECONDS } from "../shared/policy.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { type Patience, proxyActivities } from "./proxy-activities.ts";

/** The budgets of steps that are given up do not hold for an answer: the class `broker` has none. */
const untilSent = (): Patience => ({
  budgets: { transient: { seconds: 0 }, busy: { seconds: 0 } },
  // An answer that comes from no running request has no policy.
  timersFireEarlySeconds: TIMERS_FIRE_EARLY_SECONDS,
  deadlineAt: Number.POSITIVE_INFINITY,
  deadlineCode: "OperationDeadlineExceeded",
  notBefore: 0,
  answered: true,
  tries: {},
  concluded() {},
  record() {},
});

/** How an instance ended, in short: the answer itself stands in the claim. */
export interface Answered {
  readonly eventId: string;
  readonly outcome: string;
}

/**
 * Gives a request its one answer: claims it, so that no other may be sent, publishes whatever was claimed first, for as long as the broker is away, and
 * notes that it was sent.
 */
export function* publish(context: OrchestrationContext, instanceId: string, completion: Completion): Durable<Answered> {
  const { publishCompletion } = proxyActivities(context, untilSent());
  const first = yield* claim(context, instanceId, completion);
  yield* publishCompletion(first);
  yield* callClaim(context, instanceId, "sent");
  return answeredBy(first);
}

/**
 * Gives a request its one answer without waiting until it is sent: claims it, and hands what was claimed first over to an instance of its own, so that a
 * broker that is away holds nothing else up. Returns nothing if that is not possible now; then the answer is still to be published.
 */
export function* handOver(
  context: OrchestrationContext,
  { instanceId, fingerprints }: { readonly instanceId: string; readonly fingerprints: readonly string[] },
  completion: Completion,
): Durable<Answered | undefined> {
  const { handOverAnswer } = proxyActivities(context, untilSent());
  try {
    const first = yield* claim(context, instanceId, completion);
    const answer = { claimId: instanceId, fingerprints, completion: first };
    yield* handOverAnswer({ instanceId: answerInstanceIdOf(instanceId), answer });
    return answeredBy(first);
  } catch {
    return undefined;
  }
}

/** Claims an answer and returns the one that was claimed first. */
function* claim(context: OrchestrationContext, instanceId: string, completion: Completion): Durable<Completion> {
  return (yield* callClaim(context, instanceId, "claim", { completion })).completion ?? completion;
}

function answeredBy({ event }: Completion): Answered {
  return { eventId: event.id, outcome: event.data.outcome };
}
