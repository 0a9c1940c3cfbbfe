import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { messageOf, type ReceivedMessage } from "../intake/request-message.ts";

/** A dead letter as a message of its queue. */
export interface DeadLetter extends ReceivedMessage {
  /** Whether the queue's trigger can hand over this kind of body. It takes AMQP data and nothing else. */
  readonly suitsTrigger: boolean;
}

/**
 * Takes a message from a dead letter that the Service Bus client has read. Here every id arrives
 * exactly as it was sent, and a body of any kind arrives: bytes and text are the request that they
 * hold. Of any other body the JSON text stands in its place, for the quarantine queue.
 */
export function deadLetterOf(letter: ServiceBusReceivedMessage, queue: string, now: () => Date): DeadLetter {
  const { bodyType } = letter._rawAmqpMessage;
  const content = contentOf(letter.body, bodyType);
  const message = messageOf(content ?? Buffer.from(jsonOf(letter.body)), queue, {
    messageId: letter.messageId,
    replyToSessionId: letter.replyToSessionId,
    contentType: letter.contentType,
    applicationProperties: letter.applicationProperties ?? {},
    // A dead letter keeps the number and the time that the queue gave it.
    sequenceNumber: String(letter.sequenceNumber ?? 0),
    receivedAt: (letter.enqueuedTimeUtc ?? now()).toISOString(),
    deliveryCount: (letter.deliveryCount ?? 0) + 1,
  });
  const suitsTrigger = bodyType === "data" || letter.body === undefined;
  if (content) return { ...message, suitsTrigger };
  return { ...message, suitsTrigger, unusableBody: `The body is an AMQP ${bodyType} section. Send the JSON as AMQP data (bytes).` };
}

/**
 * The bytes of a request: those of data sections, or of a value that is text. A value of bytes is
 * data to the client: it is sent to its queue again as such.
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
    // A body that cannot be shown must not keep its message from being answered.
    return "";
  }
}
