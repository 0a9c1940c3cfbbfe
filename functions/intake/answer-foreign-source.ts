import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import { namesInMessage } from "../durable/log-names.ts";
import { refuseMessage } from "./refuse-message.ts";
import type { ReceivedMessage } from "./request-message.ts";
import type { Taking } from "./taking.ts";

/**
 * Answers a message whose queue may not send for the source that it names. The answer says so in
 * the name of the queue, because subscribers know the answers to a source's requests by that
 * source. The message is not kept: its sender is known by the queue, and it may hold keys.
 */
export async function answerForeignSource(message: ReceivedMessage, read: ReadMessage, taking: Taking): Promise<void> {
  const { queue } = message;
  const own = sourceOfQueue(queue);
  const prefix = taking.queues.get(queue);
  const allowed = prefix ? `This queue is for ${prefix} and sources below it.` : "Another queue is for this source.";
  const text = `The source "${read.source}" is not allowed on the queue ${queue} (request "${read.id}"). ${allowed}`;
  const because = problem("SourceNotAllowed", text, { target: "/source" });
  const asked = { ...message, requestId: message.messageId, requestSource: own, traceparent: read.traceparent, ticket: read.ticket };
  const instanceId = await refuseMessage(message, asked, because, taking);
  taking.log("rejected", { instanceId, queue, ...namesInMessage(read), problem: because.code });
}
