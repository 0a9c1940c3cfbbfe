import { isSourceAllowed } from "../../shared/access/sources.ts";
import { type ReadMessage, readMessage } from "../../shared/contract/message.ts";
import { traceparentOfMessage } from "../../shared/contract/traceparent.ts";
import { restoreFirstArrival } from "./first-arrival.ts";
import type { Intake } from "./intake.ts";
import { rejectForeignSource } from "./reject-foreign-source.ts";
import { rejectUnreadable } from "./reject-unreadable.ts";
import type { ReceivedMessage } from "./request-message.ts";

/** Handles a readable message whose queue may send for its source. */
export type MessageHandler<Message> = (message: Message, read: ReadMessage, intake: Intake) => Promise<void>;

/**
 * The largest message of a Standard namespace. A Premium namespace accepts 100 MB, but no valid
 * request needs more than this.
 */
const LARGEST_BODY_BYTES = 256 * 1024;

/**
 * Reads a message and passes it to `handle`. If it cannot be read, or if its queue may not send for
 * its source, it is rejected, and no request of that source is read or changed. Returns when the
 * message is safe, and throws otherwise. It can be called again for the same message: what is done
 * already is not done twice.
 */
export async function takeMessage<Message extends ReceivedMessage>(
  message: Message,
  handle: MessageHandler<Message>,
  intake: Intake,
): Promise<void> {
  const traceparent = traceparentOfMessage(message.applicationProperties) ?? intake.traceparent;
  const given = readOf(message);
  if ("unreadable" in given) return rejectUnreadable(message, given, { ...intake, traceparent });
  const read = { ...given, traceparent: given.traceparent ?? traceparent };
  if (!isSourceAllowed(read.source, message.queue, intake.queues)) return rejectForeignSource(message, read, intake);
  return handle(restoreFirstArrival(message, read, intake.keys), read, intake);
}

function readOf(message: ReceivedMessage): ReturnType<typeof readMessage> {
  const { body, unusableBody } = message;
  if (unusableBody !== undefined) return { unreadable: unusableBody, target: "" };
  if (body.length <= LARGEST_BODY_BYTES) return readMessage(message);
  return { unreadable: `The body has ${body.length} bytes. At most ${LARGEST_BODY_BYTES} are allowed.`, target: "" };
}
