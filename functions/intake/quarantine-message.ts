import { createHash } from "node:crypto";
import type { QuarantinedMessage } from "../../azure/service-bus.ts";
import type { Problem } from "../../shared/contract/problem.ts";
import type { ReceivedMessage } from "./request-message.ts";

/** What a Standard namespace takes, less 4 KB for the properties, each of which is bounded. */
const LARGEST_KEPT_BYTES = 256 * 1024 - 4096;
const LONGEST_ID = 128;
const LONGEST_DESCRIPTION = 512;

/**
 * Makes the message that keeps an unreadable one. The quarantine queue must be able to take it
 * whatever the original was: a larger body stays out, and its size and hash tell whether somebody's
 * copy is the same.
 */
export function quarantineMessageOf(message: ReceivedMessage, { code, message: description }: Problem): QuarantinedMessage {
  const { body, contentType, messageId, queue, sequenceNumber, receivedAt, deliveryCount } = message;
  const id = messageId.slice(0, LONGEST_ID);
  const told = {
    queue,
    sequenceNumber,
    deliveryCount: String(deliveryCount),
    enqueuedAt: receivedAt,
    description: description.slice(0, LONGEST_DESCRIPTION),
  };
  if (body.length <= LARGEST_KEPT_BYTES)
    return { body, contentType: contentType?.slice(0, LONGEST_ID), messageId: id, reason: code, properties: told };
  const sha256 = createHash("sha256").update(body).digest("hex");
  const reference = { messageId: id, size: String(body.length), sha256 };
  return { body: new Uint8Array(), contentType: undefined, messageId: id, reason: code, properties: { ...told, ...reference } };
}
