import type { Finding } from "./finding.ts";

/**
 * Source: https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-quotas (session
 * id).
 */
const LONGEST_SESSION_ID = 128;

/**
 * Returns the session for the completion; null if there is none, or if Service Bus does not allow
 * its id.
 */
export function keepUsableSession(replySessionId: string | null): string | null {
  return replySessionId !== null && replySessionId.length > LONGEST_SESSION_ID ? null : replySessionId;
}

/** Returns a warning for a reply session that cannot be used. */
export function replySessionFindings(replySessionId: string | null): Finding[] {
  if (keepUsableSession(replySessionId) === replySessionId) return [];
  return [ignored(`replyToSessionId must have at most ${LONGEST_SESSION_ID} characters. Found ${replySessionId?.length}.`)];
}

/** The warning for a reply session that did not arrive as a string. Its exact text is not known. */
export const replySessionLost: Finding = ignored("replyToSessionId must be a string that is not a number or other JSON.");

/**
 * The session is a property of the message, not of the document, so the finding has no place in it.
 */
function ignored(why: string): Finding {
  const message = `${why} The completion is sent without a session.`;
  return { code: "ReplySessionIgnored", severity: "warning", target: "", message, actor: "requester" };
}
