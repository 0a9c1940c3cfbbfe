import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { Problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import type { Asked } from "../../shared/durable/answer.ts";
import { unreadableEventIdOf } from "../../shared/durable/instance-id.ts";
import { ensurePublisher } from "../durable/start-publisher.ts";
import type { Intake } from "./intake.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Answers a message that becomes no request, under an id of its queue, its message id and its
 * sequence number, so that the answer takes the place of no other one. Returns that id.
 */
export async function rejectMessage(message: ReceivedMessage, asked: Asked, problem: Problem, intake: Intake): Promise<string> {
  const eventId = unreadableEventIdOf(sourceOfQueue(message.queue), message);
  const completion = rejectionOf(eventId, asked, { ...problem, details: message.warnings }, intake.now());
  await ensurePublisher(intake, eventId, { claimId: eventId, fingerprints: [eventId], completion });
  return eventId;
}
