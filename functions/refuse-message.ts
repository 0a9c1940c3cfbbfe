import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { type Asked, rejectionOf } from "../shared/contract/rejection.ts";
import { instanceIdOf, unreadableEventIdOf } from "../shared/instance-id.ts";
import type { Problem } from "../shared/problem.ts";
import { fingerprintsOf } from "../shared/sealing.ts";
import { sourceOfQueue } from "../shared/sources.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";
import type { Receiving } from "./take-message.ts";

/**
 * Answers a message that becomes no request, under an id of its queue, its message id and its
 * content, so that the answer takes the place of no other one. Returns that id. Two ids that the
 * worker made equal are told apart by the sequence number.
 */
export async function refuseMessage(
  { body, messageId, messageIdIsExact, sequenceNumber, warnings }: ReceivedMessage,
  asked: Asked,
  problem: Problem,
  context: InvocationContext,
  { queue, keys, now }: Pick<Receiving, "queue" | "keys" | "now">,
): Promise<string> {
  const fingerprints = fingerprintsOf(body, keys);
  const name = messageIdIsExact ? messageId : `${messageId}\n${sequenceNumber}`;
  const eventId = unreadableEventIdOf(instanceIdOf(sourceOfQueue(queue), name), fingerprints);
  const completion = rejectionOf(eventId, asked, { ...problem, details: warnings }, now());
  await startAnswer(df.getClient(context), eventId, { claimId: eventId, fingerprints, completion });
  return eventId;
}
