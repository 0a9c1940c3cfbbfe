import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Unreadable } from "../shared/contract/message.ts";
import { rejectionOf } from "../shared/contract/rejection.ts";
import { unreadableEventIdOf } from "../shared/instance-id.ts";
import { problem } from "../shared/problem.ts";
import { logStepOf } from "./log-step.ts";
import type { Receiving } from "./receive-request.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";

/** Answers a message that cannot be read, under its message id where it names no other, and keeps it as it came in the quarantine queue. */
export async function answerUnreadable(
  message: ReceivedMessage,
  { unreadable, target, id, source }: Unreadable,
  context: InvocationContext,
  { queue, outbox, now }: Receiving,
): Promise<void> {
  const address = `/service-bus/${queue}`;
  const { body, contentType, messageId, sequenceNumber, receivedAt, deliveryCount } = message;
  const eventId = unreadableEventIdOf(address, message);
  const asked = { requestId: id ?? messageId, requestSource: source ?? address, traceparent: null, ticket: null, ...message };
  const completion = rejectionOf(eventId, asked, problem("UnreadableMessage", unreadable, { target }), now());
  await startAnswer(df.getClient(context), eventId, { claimId: eventId, fingerprints: [eventId], completion });
  // Last, because all of this is tried again when one of it fails: starting twice is starting once, keeping twice is not.
  await outbox.quarantine({
    body,
    contentType,
    messageId,
    reason: "UnreadableMessage",
    properties: { queue, sequenceNumber, deliveryCount: String(deliveryCount), enqueuedAt: receivedAt, description: unreadable },
  });
  logStepOf(context)("rejected", { instanceId: eventId, requestId: messageId, problem: "UnreadableMessage" });
}
