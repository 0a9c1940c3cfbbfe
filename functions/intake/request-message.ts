import type { InvocationContext } from "@azure/functions";
import type { Finding } from "../../shared/contract/finding.ts";
import type { RequestMessage } from "../../shared/contract/message.ts";
import { replySessionFindings, replySessionLost, usableSession } from "../../shared/contract/reply-session.ts";

/** A message of a request queue with what the broker knows of it. */
export interface ReceivedMessage extends RequestMessage {
  readonly sequenceNumber: string;
  /** When the broker took it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  readonly deliveryCount: number;
  readonly replySessionId: string | null;
  /** What its sender is told beside the answer. */
  readonly warnings: readonly Finding[];
  /** How often the app sent it to its queue again. */
  readonly resubmissions: number;
  /** Why its body is no request, whatever stands in it. */
  readonly unusableBody?: string;
}

/** What the broker says of a message, by whichever client it was read. */
export interface MessageFacts {
  /** As it arrived: text, or something else in its place. */
  readonly messageId: unknown;
  readonly replyToSessionId: unknown;
  readonly contentType: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly sequenceNumber: string;
  readonly receivedAt: string;
  readonly deliveryCount: number;
}

/**
 * Makes a message of its body and of what the broker says of it. An id counts only if it arrived as
 * text.
 */
export function messageOf(body: Uint8Array, queue: string, facts: MessageFacts): ReceivedMessage {
  const { messageId, replyToSessionId = null, ...rest } = facts;
  const session = replyToSessionId ?? "";
  const replySessionId = typeof session === "string" && session !== "" ? session : null;
  return {
    ...rest,
    body,
    queue,
    messageId: messageId === undefined || messageId === null ? "" : String(messageId),
    messageIdIsExact: typeof messageId === "string" && messageId !== "",
    replySessionId: usableSession(replySessionId),
    warnings: typeof session === "string" ? replySessionFindings(replySessionId) : [replySessionLost],
    resubmissions: 0,
  };
}

/**
 * Takes a message from the trigger's body and metadata. The worker parses every text of the
 * metadata that is JSON: the ids `1000` and `1e3` arrive as one number, `null` as nothing. Text in
 * quotes arrives without them, and nobody can tell.
 */
export function readTriggerMessage(
  body: unknown,
  context: InvocationContext,
  { queue, now }: { readonly queue: string; readonly now: () => Date },
): ReceivedMessage {
  const metadata = context.triggerMetadata ?? {};
  const text = (name: string) => (metadata[name] === undefined || metadata[name] === null ? undefined : String(metadata[name]));
  const given = metadata["applicationProperties"];
  // The trigger is registered with dataType binary; a host that ignores it hands over text.
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return messageOf(bytes, queue, {
    messageId: metadata["messageId"],
    replyToSessionId: metadata["replyToSessionId"],
    contentType: text("contentType"),
    applicationProperties: typeof given === "object" && given !== null ? { ...given } : {},
    sequenceNumber: text("sequenceNumber") ?? "0",
    receivedAt: isoTimeOf(metadata["enqueuedTime"] ?? metadata["enqueuedTimeUtc"]) ?? now().toISOString(),
    deliveryCount: Number(metadata["deliveryCount"] ?? 1),
  });
}

function isoTimeOf(value: unknown): string | null {
  // The extension's text for `enqueuedTimeUtc` has no zone: it is UTC, whatever the zone of this machine.
  const time = value instanceof Date ? value.getTime() : Date.parse(String(value).replace(/T[\d:.]+$/, "$&Z"));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
