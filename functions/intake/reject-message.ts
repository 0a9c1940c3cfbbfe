import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { Problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import type { RequestHeader } from "../../shared/durable/answer.ts";
import { unreadableEventIdOf } from "../../shared/durable/instance-id.ts";
import { ensurePublisher } from "../durable/start-publisher.ts";
import type { Intake } from "./intake.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Rejects a message that becomes no request. The event id of the completion is made of the queue,
 * the message id and the sequence number, so it is unique. Returns this id, which is also the id of
 * the instance that publishes the completion.
 */
export async function rejectMessage(message: ReceivedMessage, requester: RequestHeader, problem: Problem, intake: Intake): Promise<string> {
  const eventId = unreadableEventIdOf(sourceOfQueue(message.queue), message);
  const completion = rejectionOf(eventId, requester, { ...problem, details: message.warnings }, intake.now());
  await ensurePublisher(intake, eventId, { claimId: eventId, fingerprints: [eventId], completion });
  return eventId;
}
