import { correlationIdOf } from "../correlation-id.ts";
import type { Problem } from "../problem.ts";
import type { Completion } from "./completion.ts";
import { composeCompletion } from "./compose.ts";

/** The answer to a message that never became an instance of its own. */
export function rejectionOf(
  eventId: string,
  { id, source, traceparent, ticket }: { id: string; source: string; traceparent: string | null; ticket: string | null },
  { enqueuedAt, replySessionId }: { enqueuedAt: string | null; replySessionId: string | null },
  problem: Problem,
  now: Date,
): Completion {
  const time = now.toISOString();
  const data = {
    requestId: id,
    requestSource: source,
    outcome: "Rejected" as const,
    change: null,
    resource: null,
    problem,
    warnings: [],
    diff: null,
    armState: null,
    arm: { correlationRequestId: correlationIdOf(eventId.split(".")[0] ?? ""), operationId: null, attempts: [] },
    timing: {
      receivedAt: enqueuedAt ?? time,
      startedAt: null,
      leaseGrantedAt: null,
      submittedAt: null,
      provisionedAt: null,
      completedAt: time,
      polls: 0,
    },
  };
  return composeCompletion({ id: eventId, target: null, traceparent, ticket, replySessionId, data });
}
