import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import { namesInMessage } from "../durable/log-names.ts";
import type { Intake } from "./intake.ts";
import { rejectMessage } from "./reject-message.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Rejects a message whose queue may not send for the source that it names. The completion has the
 * queue's own source, because subscribers filter the completions of a source by that source. The
 * message is not put into quarantine: the queue identifies its sender, and it may contain keys.
 */
export async function rejectForeignSource(message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const { queue } = message;
  const own = sourceOfQueue(queue);
  const prefix = intake.queues.get(queue);
  const allowed = prefix ? `This queue is for ${prefix} and sources below it.` : "Another queue is for this source.";
  const text = `The source "${read.source}" is not allowed on the queue ${queue} (request "${read.id}"). ${allowed}`;
  const because = problem("SourceNotAllowed", text, { target: "/source" });
  const requester = { ...message, requestId: message.messageId, requestSource: own, traceparent: read.traceparent, ticket: read.ticket };
  const instanceId = await rejectMessage(message, requester, because, intake);
  intake.log("rejected", { instanceId, queue, ...namesInMessage(read), problem: because.code });
}
