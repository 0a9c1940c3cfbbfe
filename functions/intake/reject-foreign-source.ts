import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
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
  const text = `The queue ${queue} may not send for the source "${read.source}" (id "${read.id}"). Send it on that source's own queue. This queue may send for`;
  const because = problem("SourceNotAllowed", `${text} ${intake.queues.get(queue)} and what is below it, and for ${own}.`, {
    target: "/@source",
  });
  const requester = { ...message, requestId: message.messageId, requestSource: own, traceparent: read.traceparent, ticket: read.ticket };
  const instanceId = await rejectMessage(message, requester, because, intake);
  const about = { instanceId, queue, requestId: read.id, requestSource: read.source };
  intake.log("rejected", { ...about, problem: because.code });
}
