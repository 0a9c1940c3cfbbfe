import { connectionId, type Target } from "../resource-id.ts";
import { boundedText } from "./bounded.ts";
import { boundedData } from "./bounded-data.ts";
import { type Completion, type CompletionData, type CompletionEvent, completedType, eventSource } from "./completion.ts";
import { inOrder } from "./finding.ts";
import { fitted } from "./fit.ts";
import { minimalEventOf } from "./minimal.ts";
import { replySessionFindings, usableSession } from "./reply-session.ts";
import { echoedTicket } from "./ticket.ts";
import { wellFormedTraceparent } from "./traceparent.ts";

/** The names of a valid target stay far below this. */
const LONGEST_SUBJECT = 1_000;

/**
 * Puts a completion together that the broker takes, whatever the request and Azure said; `id` is the same for every delivery of the same answer.
 */
export function composeCompletion(about: {
  id: string;
  target: Target | null;
  traceparent: string | null;
  ticket: string | null;
  replySessionId: string | null;
  data: CompletionData;
}): Completion {
  const { id, target, ticket, replySessionId, data } = about;
  const traceparent = wellFormedTraceparent(about.traceparent);
  const warnings = inOrder([...data.warnings, ...replySessionFindings(replySessionId)]);
  const event: CompletionEvent = {
    specversion: "1.0",
    type: completedType,
    id,
    source: eventSource,
    ...(target ? { subject: boundedText(connectionId(target), LONGEST_SUBJECT) } : {}),
    time: data.timing.completedAt,
    datacontenttype: "application/json",
    ...(traceparent ? { traceparent } : {}),
    data: boundedData({ ...data, warnings }),
  };
  return { event: fitted(event) ?? minimalEventOf(event), ticket: echoedTicket(ticket), replySessionId: usableSession(replySessionId) };
}
