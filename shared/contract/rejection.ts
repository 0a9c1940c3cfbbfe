import { correlationIdOf } from "../correlation-id.ts";
import type { RequestHeader } from "../durable/answer.ts";
import type { Attempt } from "../durable/settled.ts";
import type { Completion } from "./completion.ts";
import { composeCompletion } from "./compose.ts";
import { outcomeOf, type Problem, problem } from "./problem.ts";

/** Returns the problem of a request that has the source and id of another one. */
export function requestIdConflict(): Problem {
  return problem(
    "RequestIdConflict",
    "Another request with this source and id was received before. It is not affected. Send this one again with a new id.",
  );
}

/**
 * The problem of a request that was stopped from outside. `armState` is null if Azure cannot have
 * started.
 */
export function interruption(armState: string | null): Problem {
  const text = "The request was stopped from outside before it was finished.";
  return problem("Interrupted", armState ? `${text} Azure may have started the change, and may still finish it.` : text);
}

/** How far a request had come in Azure when it was stopped. */
export interface Progress {
  readonly polls: number;
  readonly operationId: string | null;
  readonly attempts: readonly (Attempt & { readonly at: string })[];
}
export const noProgress: Progress = { polls: 0, operationId: null, attempts: [] };

/** Makes the completion for a message without an instance, or whose instance was stopped. */
export function rejectionOf(
  eventId: string,
  asked: RequestHeader,
  problem: Problem,
  now: Date,
  armState: string | null = null,
  { polls, operationId, attempts }: Progress = noProgress,
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
    arm: { correlationRequestId: correlationIdOf(eventId.split(".")[0] ?? ""), operationId, attempts: [...attempts] },
    timing: {
      receivedAt,
      startedAt: null,
      validatedAt: null,
      leaseGrantedAt: null,
      submittedAt: null,
      provisionedAt: null,
      completedAt: now.toISOString(),
      polls,
    },
  };
  return composeCompletion({ id: eventId, target: null, traceparent, ticket, replySessionId, data });
}
