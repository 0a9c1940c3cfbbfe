import { isSourceAllowed } from "../../shared/access/sources.ts";
import { type ReadMessage, readMessage } from "../../shared/contract/message.ts";
import { restoreFirstArrival } from "./first-arrival.ts";
import type { Intake } from "./intake.ts";
import { rejectForeignSource } from "./reject-foreign-source.ts";
import { rejectUnreadable } from "./reject-unreadable.ts";
import type { ReceivedMessage } from "./request-message.ts";

/** What is done with a message that its queue may send. */
export type MessageHandler<Message> = (message: Message, read: ReadMessage, intake: Intake) => Promise<void>;

/**
 * A Standard namespace takes no larger message, and no valid request needs one; Premium takes 100
 * MB.
 */
const LARGEST_BODY_BYTES = 256 * 1024;

/**
 * Takes a message. What cannot be read, and what the queue may not say, is answered under an id of
 * the queue: nothing of the source that such a message names is looked at. Everything else is
 * handed to `take`. It returns when the message is safe elsewhere, and throws otherwise. It can be
 * called again: what was done is not done twice.
 */
export async function takeMessage<Message extends ReceivedMessage>(
  message: Message,
  take: MessageHandler<Message>,
  intake: Intake,
): Promise<void> {
  const read = readOf(message);
  if ("unreadable" in read) return rejectUnreadable(message, read, intake);
  if (!isSourceAllowed(read.source, message.queue, intake.queues)) return rejectForeignSource(message, read, intake);
  return take(restoreFirstArrival(message, read, intake.keys), read, intake);
}

function readOf(message: ReceivedMessage): ReturnType<typeof readMessage> {
  const { body, unusableBody } = message;
  if (unusableBody !== undefined) return { unreadable: unusableBody, target: "" };
  if (body.length <= LARGEST_BODY_BYTES) return readMessage(message);
  return { unreadable: `The body has ${body.length} bytes; ${LARGEST_BODY_BYTES} are allowed.`, target: "" };
}
