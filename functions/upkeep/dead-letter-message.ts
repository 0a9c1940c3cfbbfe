import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { messageOf, type ReceivedMessage } from "../intake/request-message.ts";

/** A dead letter, as a message of its request queue. */
export interface DeadLetter extends ReceivedMessage {
  /** True if the trigger can read this kind of body. It reads AMQP data sections only. */
  readonly suitsTrigger: boolean;
}

/**
 * Returns a message, built from a dead letter of the Service Bus client. The client gives ids
 * exactly as they were sent, and bodies of any kind. Bytes and text are read as the request. Any
 * other body is replaced by its JSON text, for the quarantine queue.
 */
export function deadLetterOf(letter: ServiceBusReceivedMessage, queue: string, now: () => Date): DeadLetter {
  const { bodyType } = letter._rawAmqpMessage;
  const content = contentOf(letter.body, bodyType);
  const message = messageOf(content ?? Buffer.from(jsonOf(letter.body)), queue, {
    messageId: letter.messageId,
    replyToSessionId: letter.replyToSessionId,
    contentType: letter.contentType,
    applicationProperties: letter.applicationProperties ?? {},
    // A dead letter keeps its sequence number and its enqueued time.
    sequenceNumber: String(letter.sequenceNumber ?? 0),
    receivedAt: (letter.enqueuedTimeUtc ?? now()).toISOString(),
    deliveryCount: (letter.deliveryCount ?? 0) + 1,
  });
  const suitsTrigger = bodyType === "data" || letter.body === undefined;
  if (content) return { ...message, suitsTrigger };
  return { ...message, suitsTrigger, unusableBody: `The body is an AMQP ${bodyType} section. Send the JSON as AMQP data (bytes).` };
}

/**
 * Returns the bytes of a request, from AMQP data sections or from a value that is text. The client
 * does not distinguish a value of bytes from data, so the app sends it again as data.
 */
function contentOf(body: unknown, bodyType: string | undefined): Uint8Array | undefined {
  if (body === undefined || body === null) return new Uint8Array();
  if (bodyType === "sequence") return undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body);
  if (bodyType === "data" && Array.isArray(body)) return Buffer.concat(body as Uint8Array[]);
  return undefined;
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? "";
  } catch {
    // The message must be rejected even if its body has no JSON form.
    return "";
  }
}
