import { sourceOfQueue } from "../../shared/access/sources.ts";
import type { Problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import type { Asked } from "../../shared/durable/answer.ts";
import { unreadableEventIdOf } from "../../shared/durable/instance-id.ts";
import { answerSurely } from "../durable/start-answer.ts";
import type { ReceivedMessage } from "./request-message.ts";
import type { Taking } from "./taking.ts";

/**
 * Answers a message that becomes no request, under an id of its queue, its message id and its
 * sequence number, so that the answer takes the place of no other one. Returns that id.
 */
export async function refuseMessage(message: ReceivedMessage, asked: Asked, problem: Problem, taking: Taking): Promise<string> {
  const eventId = unreadableEventIdOf(sourceOfQueue(message.queue), message);
  const completion = rejectionOf(eventId, asked, { ...problem, details: message.warnings }, taking.now());
  await answerSurely(taking, eventId, { claimId: eventId, fingerprints: [eventId], completion });
  return eventId;
}
