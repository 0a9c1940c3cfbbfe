import { cutText } from "./bounded.ts";
import type { Completion, CompletionEvent } from "./completion.ts";
import { makeTruncatedWarning } from "./fit.ts";
import { problemCodes } from "./problem.ts";
import { keepValidTicket } from "./ticket.ts";

/**
 * Returns the smallest completion that still has the outcome, with the same event id. It depends
 * only on the whole completion, so every repetition is equal. It always fits into a message.
 */
export function minimalOf({ event, ticket, replySessionId }: Completion): Completion {
  return { event: minimalEventOf(event), ticket: keepValidTicket(ticket), replySessionId };
}

/** Returns the same for the event alone. */
export function minimalEventOf({ subject: _, traceparent: __, ...event }: CompletionEvent): CompletionEvent {
  const { requestId, requestSource, outcome, change, problem, armState, arm, timing } = event.data;
  return {
    ...event,
    data: {
      requestId: cutText(requestId, 128),
      requestSource: cutText(requestSource, 128),
      outcome,
      change,
      resource: null,
      problem: problem && {
        code: problem.code,
        message: problemCodes[problem.code].means,
        retryable: problem.retryable,
        actor: problem.actor,
        details: [],
      },
      warnings: [makeTruncatedWarning("everything except the outcome and the problem's code")],
      diff: null,
      armState: armState === null ? null : cutText(armState, 128),
      arm: { correlationRequestId: cutText(arm.correlationRequestId, 128), operationId: null, attempts: [] },
      timing,
    },
  };
}
