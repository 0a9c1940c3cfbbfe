import type { Finding } from "./finding.ts";

/** Source: https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-quotas (session id). */
const LONGEST_SESSION_ID = 128;

/** Returns the session that an answer can be sent on; null for none, and for an id that Service Bus does not take. */
export function usableSession(replySessionId: string | null): string | null {
  return replySessionId !== null && replySessionId.length > LONGEST_SESSION_ID ? null : replySessionId;
}

/** Returns a warning for a reply session that cannot be used. */
export function replySessionFindings(replySessionId: string | null): Finding[] {
  if (usableSession(replySessionId) === replySessionId) return [];
  return [ignored(`The reply session id must have ${LONGEST_SESSION_ID} characters at most. Found ${replySessionId?.length}.`)];
}

/** The warning for a reply session that did not arrive as text: the answer must not go to a session that the sender did not mean. */
export const replySessionLost: Finding = ignored("The reply session id must be a string that is not a number and no other JSON.");

function ignored(why: string): Finding {
  const message = `${why} The answer is sent without a session.`;
  return { code: "ReplySessionIgnored", severity: "warning", target: "/@replyToSessionId", message, actor: "requester" };
}
