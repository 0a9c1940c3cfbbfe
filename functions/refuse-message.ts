import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { type Asked, rejectionOf } from "../shared/contract/rejection.ts";
import { unreadableEventIdOf } from "../shared/instance-id.ts";
import type { Problem } from "../shared/problem.ts";
import { sourceOfQueue } from "../shared/sources.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";
import type { Receiving } from "./take-message.ts";

/**
 * Answers a message that becomes no request, under an id of its queue, its message id and its
 * sequence number, so that the answer takes the place of no other one. Returns that id.
 */
export async function refuseMessage(
  message: ReceivedMessage,
  asked: Asked,
  problem: Problem,
  context: InvocationContext,
  { queue, now }: Pick<Receiving, "queue" | "now">,
): Promise<string> {
  const eventId = unreadableEventIdOf(sourceOfQueue(queue), message);
  const completion = rejectionOf(eventId, asked, { ...problem, details: message.warnings }, now());
  await startAnswer(df.getClient(context), eventId, { claimId: eventId, fingerprints: [eventId], completion });
  return eventId;
}
