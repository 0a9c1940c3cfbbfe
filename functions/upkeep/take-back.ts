import { isRefusedForGood } from "../../azure/broker-errors.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import { completionEventIdOf, instanceIdOf, undeliverableInstanceIdOf } from "../../shared/durable/instance-id.ts";
import { namesInMessage } from "../durable/log-names.ts";
import { standingOf } from "../durable/standing.ts";
import { answerSurely } from "../durable/start-answer.ts";
import { propertiesToResubmit } from "../intake/first-arrival.ts";
import { carryOut } from "../intake/receive-request.ts";
import { answerKnown, payloadPrints } from "../intake/recognise.ts";
import type { Taking } from "../intake/taking.ts";
import type { DeadLetter } from "./dead-letter-message.ts";

const MOST_RESUBMISSIONS = 5;
const FIRST_DELAY_MS = 5 * 60_000;

/**
 * Takes a request that was delivered in vain. If it has begun all the same, nothing is lost. A
 * request that the trigger could not read is carried out now. Any other is sent to its own queue
 * again, later and later, five times in all, and in the end it is answered as Undeliverable. Throws
 * if its instance exists and has not begun: the letter stays where it is and is looked at again.
 */
export async function takeBack(letter: DeadLetter, read: ReadMessage, taking: Taking): Promise<void> {
  if (!letter.suitsTrigger) return carryOut(letter, read, taking);
  const instanceId = instanceIdOf(read.source, read.id);
  const fingerprints = payloadPrints(read, taking.keys);
  if (taking.started.has(undeliverableInstanceIdOf(instanceId))) return answerUndeliverable(instanceId, fingerprints, letter, read, taking);
  const standing = await standingOf(taking.client, { claimId: instanceId, instanceId, fingerprints });
  if (standing.is === "unclaimed") throw new Error(`The instance ${instanceId} exists and has not begun`);
  if (standing.is !== "new" && standing.is !== "lost") return answerKnown(standing, letter, read, taking);

  const about = { instanceId, ...namesInMessage(read), resubmissions: letter.resubmissions };
  if (letter.resubmissions < MOST_RESUBMISSIONS && (await isSentAgain(letter, read, taking))) return taking.log("resubmitted", about);
  await answerUndeliverable(instanceId, fingerprints, letter, read, taking);
}

async function answerUndeliverable(
  instanceId: string,
  fingerprints: readonly string[],
  letter: DeadLetter,
  read: ReadMessage,
  taking: Taking,
): Promise<void> {
  const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...letter };
  const text = "The app could not start this request after many deliveries. Send it again later, with a new id.";
  const because = problem("Undeliverable", text);
  const completion = rejectionOf(completionEventIdOf(instanceId), asked, because, taking.now());
  const answer = { claimId: instanceId, fingerprints, completion };
  const safe = await answerSurely(taking, undeliverableInstanceIdOf(instanceId), answer);
  if (safe.is === "other") return answerKnown(safe, letter, read, taking);
  taking.log("rejected", { instanceId, ...namesInMessage(read), problem: because.code });
}

/**
 * Sends a request to its queue again. Returns false if the broker will never take it: what tells
 * its first arrival makes it a little larger than it was.
 */
async function isSentAgain(letter: DeadLetter, read: ReadMessage, { outbox, now, keys }: Taking): Promise<boolean> {
  const at = new Date(now().getTime() + FIRST_DELAY_MS * 2 ** letter.resubmissions);
  const applicationProperties = propertiesToResubmit(letter, read, keys);
  try {
    await outbox.resubmit({ ...letter, applicationProperties }, at);
    return true;
  } catch (error) {
    if (isRefusedForGood(error)) return false;
    throw error;
  }
}
