import type { InvocationContext } from "@azure/functions";
import { type ReadMessage, readMessage } from "../shared/contract/message.ts";
import type { Policy } from "../shared/policy.ts";
import { isSourceAllowed } from "../shared/sources.ts";
import { answerForeignSource } from "./answer-foreign-source.ts";
import { answerUnreadable } from "./answer-unreadable.ts";
import { type Pace, persistently } from "./persistently.ts";
import type { Recognition } from "./recognise.ts";
import { type ReceivedMessage, receivedMessage } from "./request-message.ts";

/** What the receivers of one queue need. */
export interface Receiving extends Recognition, Pace {
  readonly queue: string;
  readonly policy: Policy;
}

/** A message that its queue may send, on its way to be carried out. */
export type Take = (message: ReceivedMessage, read: ReadMessage, context: InvocationContext, receiving: Receiving) => Promise<void>;

/**
 * A Standard namespace takes no larger message, and no valid request needs one; Premium takes 100
 * MB.
 */
const LARGEST_BODY_BYTES = 256 * 1024;

/**
 * Makes a receiver of messages. What cannot be read, and what the queue may not say, is answered
 * under an id of the queue: nothing of the source that such a message names is looked at.
 * Everything else is handed to `take`. It returns when the message is safe elsewhere, and throws
 * otherwise, so that the broker delivers it again.
 */
export function takeMessage(take: Take, receiving: Receiving) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = receivedMessage(body, context, receiving);
    const read = message.body.length > LARGEST_BODY_BYTES ? tooLarge(message) : readMessage(message);
    const answer = () => {
      if ("unreadable" in read) return answerUnreadable(message, read, context, receiving);
      if (!isSourceAllowed(read.source, receiving.queue, receiving.queues)) return answerForeignSource(message, read, context, receiving);
      return take(message, read, context, receiving);
    };
    await persistently(answer, message, context, receiving);
  };
}

function tooLarge({ body }: ReceivedMessage) {
  return { unreadable: `The body has ${body.length} bytes; ${LARGEST_BODY_BYTES} are allowed.`, target: "" };
}
