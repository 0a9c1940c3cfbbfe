import { isSourceAllowed, sourceOfQueue } from "../../shared/access/sources.ts";
import type { Unreadable } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { Intake } from "./intake.ts";
import { quarantineMessageOf } from "./quarantine-message.ts";
import { rejectMessage } from "./reject-message.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Answers a message that cannot be read, and keeps it in the quarantine queue. The answer has the
 * source and id that the message names, if its queue may send for that source, and otherwise those
 * of the queue and the message id.
 */
export async function rejectUnreadable(
  message: ReceivedMessage,
  { unreadable, target, id, source }: Unreadable,
  intake: Intake,
): Promise<void> {
  const { queue } = message;
  const own = { requestId: message.messageId, requestSource: sourceOfQueue(queue) };
  const named = id !== undefined && source !== undefined && isSourceAllowed(source, queue, intake.queues);
  const asked = { ...message, ...(named ? { requestId: id, requestSource: source } : own), traceparent: null, ticket: null };
  const because = problem("UnreadableMessage", unreadable, { target });
  const instanceId = await rejectMessage(message, asked, because, intake);
  // Last, because all of this is tried again when one of it fails: starting twice is starting once, keeping twice is not.
  await intake.outbox.quarantine(quarantineMessageOf(message, because));
  intake.log("rejected", { instanceId, queue, requestId: message.messageId, problem: because.code });
}
