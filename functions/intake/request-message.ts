import type { InvocationContext } from "@azure/functions";
import type { Finding } from "../../shared/contract/finding.ts";
import type { RequestMessage } from "../../shared/contract/message.ts";
import { keepUsableSession, replySessionFindings, replySessionLost } from "../../shared/contract/reply-session.ts";

/** A message of a request queue, with its properties. */
export interface ReceivedMessage extends RequestMessage {
  readonly sequenceNumber: string;
  /** When the broker accepted it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  readonly deliveryCount: number;
  readonly replySessionId: string | null;
  /** Warnings that the completion will contain. */
  readonly warnings: readonly Finding[];
  /** How often the app has sent it to its queue again. */
  readonly resubmissions: number;
  /** Why the body cannot be read, if its AMQP type is not supported. */
  readonly unusableBody?: string;
}

/** The properties of a message, from the trigger or from the Service Bus client. */
export interface MessageFacts {
  /** Text; or another value, if the worker has parsed the text as JSON. */
  readonly messageId: unknown;
  readonly replyToSessionId: unknown;
  readonly contentType: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly sequenceNumber: string;
  readonly receivedAt: string;
  readonly deliveryCount: number;
}

/** Returns a message, built from its body and its properties. */
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
    replySessionId: keepUsableSession(replySessionId),
    warnings: typeof session === "string" ? replySessionFindings(replySessionId) : [replySessionLost],
    resubmissions: 0,
  };
}

/**
 * Reads a message from the trigger's body and metadata. The worker parses every metadata text that
 * is JSON: the ids `1000` and `1e3` arrive as the same number, and `null` arrives as no value. Text
 * in quotes arrives without the quotes, and this cannot be detected.
 */
export function readTriggerMessage(
  body: unknown,
  context: InvocationContext,
  { queue, now }: { readonly queue: string; readonly now: () => Date },
): ReceivedMessage {
  const metadata = context.triggerMetadata ?? {};
  const text = (name: string) => (metadata[name] === undefined || metadata[name] === null ? undefined : String(metadata[name]));
  const properties = metadata["applicationProperties"];
  // The trigger is registered with dataType binary. A host that ignores this passes text.
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return messageOf(bytes, queue, {
    messageId: metadata["messageId"],
    replyToSessionId: metadata["replyToSessionId"],
    contentType: text("contentType"),
    applicationProperties: typeof properties === "object" && properties !== null ? { ...properties } : {},
    sequenceNumber: text("sequenceNumber") ?? "0",
    receivedAt: isoTimeOf(metadata["enqueuedTime"] ?? metadata["enqueuedTimeUtc"]) ?? now().toISOString(),
    deliveryCount: Number(metadata["deliveryCount"] ?? 1),
  });
}

function isoTimeOf(value: unknown): string | null {
  // The extension's text for `enqueuedTimeUtc` has no time zone. It is UTC.
  const time = value instanceof Date ? value.getTime() : Date.parse(String(value).replace(/T[\d:.]+$/, "$&Z"));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
