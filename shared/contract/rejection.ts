import { correlationIdOf } from "../correlation-id.ts";
import type { RequestHeader } from "../durable/answer.ts";
import type { Completion } from "./completion.ts";
import { composeCompletion } from "./compose.ts";
import { outcomeOf, type Problem, problem } from "./problem.ts";

/** What a requester is told who sends another payload under a known identity. */
export function requestIdConflict(): Problem {
  return problem(
    "RequestIdConflict",
    "A request with this source and id was received before with another payload; that one goes on untouched. Send this one under an id of its own.",
  );
}

/** What a requester is told whose request was ended from outside; `armState` is null where Azure cannot have begun. */
export function interruption(armState: string | null): Problem {
  const text = "The request was ended from outside before it had its answer.";
  return problem("Interrupted", armState ? `${text} Azure may have begun the change, and it may still happen there.` : text);
}

/** The answer to a message that never became an instance of its own, or whose instance can say no more. */
export function rejectionOf(
  eventId: string,
  asked: RequestHeader,
  problem: Problem,
  now: Date,
  armState: string | null = null,
): Completion {
  const { requestId, requestSource, traceparent, ticket, receivedAt, replySessionId } = asked;
  const data = {
    requestId,
    requestSource,
    outcome: outcomeOf(problem.code),
    change: null,
    resource: null,
    problem,
    warnings: [],
    diff: null,
    armState,
    arm: { correlationRequestId: correlationIdOf(eventId.split(".")[0] ?? ""), operationId: null, attempts: [] },
    timing: {
      receivedAt,
      startedAt: null,
      leaseGrantedAt: null,
      submittedAt: null,
      provisionedAt: null,
      completedAt: now.toISOString(),
      polls: 0,
    },
  };
  return composeCompletion({ id: eventId, target: null, traceparent, ticket, replySessionId, data });
}
