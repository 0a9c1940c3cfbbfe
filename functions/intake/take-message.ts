import { isSourceAllowed } from "../../shared/access/sources.ts";
import { type ReadMessage, readMessage } from "../../shared/contract/message.ts";
import { answerForeignSource } from "./answer-foreign-source.ts";
import { answerUnreadable } from "./answer-unreadable.ts";
import { withFirstArrival } from "./first-arrival.ts";
import type { ReceivedMessage } from "./request-message.ts";
import type { Taking } from "./taking.ts";

/** What is done with a message that its queue may send. */
export type Take<Message> = (message: Message, read: ReadMessage, taking: Taking) => Promise<void>;

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
export async function takeMessage<Message extends ReceivedMessage>(message: Message, take: Take<Message>, taking: Taking): Promise<void> {
  const read = readOf(message);
  if ("unreadable" in read) return answerUnreadable(message, read, taking);
  if (!isSourceAllowed(read.source, message.queue, taking.queues)) return answerForeignSource(message, read, taking);
  return take(withFirstArrival(message, read, taking.keys), read, taking);
}

function readOf(message: ReceivedMessage): ReturnType<typeof readMessage> {
  const { body, unusableBody } = message;
  if (unusableBody !== undefined) return { unreadable: unusableBody, target: "" };
  if (body.length <= LARGEST_BODY_BYTES) return readMessage(message);
  return { unreadable: `The body has ${body.length} bytes. At most ${LARGEST_BODY_BYTES} are allowed.`, target: "" };
}
