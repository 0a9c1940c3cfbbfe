import { createHash } from "node:crypto";
import type { QuarantinedMessage } from "../../azure/service-bus.ts";
import type { Problem } from "../../shared/contract/problem.ts";
import { tracePropertiesOf, traceparentOfMessage } from "../../shared/contract/traceparent.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * The largest message of a Standard namespace, less 4 KB for the properties, each of which is
 * bounded.
 */
const LARGEST_KEPT_BYTES = 256 * 1024 - 4096;
const LONGEST_ID = 128;
const LONGEST_DESCRIPTION = 512;

/**
 * Returns the message for the quarantine queue. The queue must accept it, whatever the original
 * was. So a body that is too large is left out, and its size and hash are given instead. With them
 * a sender can find the original.
 */
export function quarantineMessageOf(message: ReceivedMessage, { code, message: description }: Problem): QuarantinedMessage {
  const { body, contentType, messageId, queue, sequenceNumber, receivedAt, deliveryCount } = message;
  const id = messageId.slice(0, LONGEST_ID);
  const facts = {
    queue,
    sequenceNumber,
    deliveryCount: String(deliveryCount),
    enqueuedAt: receivedAt,
    description: description.slice(0, LONGEST_DESCRIPTION),
    ...tracePropertiesOf(traceparentOfMessage(message.applicationProperties)),
  };
  if (body.length <= LARGEST_KEPT_BYTES)
    return { body, contentType: contentType?.slice(0, LONGEST_ID), messageId: id, reason: code, properties: facts };
  const sha256 = createHash("sha256").update(body).digest("hex");
  const reference = { messageId: id, size: String(body.length), sha256 };
  return { body: new Uint8Array(), contentType: undefined, messageId: id, reason: code, properties: { ...facts, ...reference } };
}
