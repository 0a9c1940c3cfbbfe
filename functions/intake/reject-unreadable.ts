import { isSourceAllowed, sourceOfQueue } from "../../shared/access/sources.ts";
import type { Unreadable } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { Intake } from "./intake.ts";
import { quarantineMessageOf } from "./quarantine-message.ts";
import { rejectMessage } from "./reject-message.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Rejects a message that cannot be read, and keeps it in the quarantine queue. The completion has
 * the source and id that the message names, if its queue may send for that source. Otherwise it has
 * the queue's own source and the message id.
 */
export async function rejectUnreadable(
  message: ReceivedMessage,
  { unreadable, target, id, source }: Unreadable,
  intake: Intake,
): Promise<void> {
  const { queue } = message;
  const isSenderKnown = id !== undefined && source !== undefined && isSourceAllowed(source, queue, intake.queues);
  const identity = isSenderKnown
    ? { requestId: id, requestSource: source }
    : { requestId: message.messageId, requestSource: sourceOfQueue(queue) };
  const requester = { ...message, ...identity, traceparent: intake.traceparent, ticket: null };
  const because = problem("UnreadableMessage", unreadable, { target });
  const instanceId = await rejectMessage(message, requester, because, intake);
  // This comes last. If a step fails, all steps run again, and a second send to the quarantine
  // queue would be a second copy.
  await intake.outbox.quarantine(quarantineMessageOf(message, because));
  intake.log("rejected", { instanceId, queue, requestId: message.messageId, problem: because.code });
}
