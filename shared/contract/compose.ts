import { connectionId, type Target } from "../resource-id.ts";
import { cutText } from "./bounded.ts";
import { cutData } from "./bounded-data.ts";
import { type Completion, type CompletionData, type CompletionEvent, completedType, eventSource } from "./completion.ts";
import { sortFindings } from "./finding.ts";
import { fitEvent } from "./fit.ts";
import { minimalEventOf } from "./minimal.ts";
import { keepUsableSession, replySessionFindings } from "./reply-session.ts";
import { keepValidTicket } from "./ticket.ts";
import { readTraceparent } from "./traceparent.ts";

/** The subject of a valid target is much shorter. */
const LONGEST_SUBJECT = 1_000;

/**
 * Makes a completion that fits into a message, whatever the request and Azure contain. `id` is the
 * same for every delivery of the same completion.
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
  const traceparent = readTraceparent(about.traceparent);
  const warnings = sortFindings([...data.warnings, ...replySessionFindings(replySessionId)]);
  const event: CompletionEvent = {
    specversion: "1.0",
    type: completedType,
    id,
    source: eventSource,
    ...(target ? { subject: cutText(connectionId(target), LONGEST_SUBJECT) } : {}),
    time: data.timing.completedAt,
    datacontenttype: "application/json",
    ...(traceparent ? { traceparent } : {}),
    data: cutData({ ...data, warnings }),
  };
  return {
    event: fitEvent(event) ?? minimalEventOf(event),
    ticket: keepValidTicket(ticket),
    replySessionId: keepUsableSession(replySessionId),
  };
}
