import type { Completion } from "../shared/contract/completion.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { type Patience, proxyActivities } from "./proxy-activities.ts";

/** The budgets of steps that are given up do not hold for an answer: the class `broker` has none. */
const untilSent = (): Patience => ({
  budgets: { transient: { seconds: 0 }, busy: { seconds: 0 } },
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
  const first = (yield* callClaim(context, instanceId, "claim", { completion })).completion ?? completion;
  yield* publishCompletion(first);
  yield* callClaim(context, instanceId, "sent");
  return { eventId: first.event.id, outcome: first.event.data.outcome };
}
