import { isRefusedPermanently } from "../../azure/broker-errors.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import { completionEventIdOf, instanceIdOf, undeliverableInstanceIdOf } from "../../shared/durable/instance-id.ts";
import { namesInMessage } from "../durable/log-names.ts";
import { readMessageState } from "../durable/message-state.ts";
import { ensurePublisher } from "../durable/start-publisher.ts";
import { resubmissionPropertiesOf } from "../intake/first-arrival.ts";
import type { Intake } from "../intake/intake.ts";
import { handleKnownRequest, payloadFingerprintsOf } from "../intake/known-request.ts";
import { startRequest } from "../intake/receive-request.ts";
import type { DeadLetter } from "./dead-letter-message.ts";

const MOST_RESUBMISSIONS = 5;
const FIRST_DELAY_MS = 5 * 60_000;

/**
 * Handles a request that is a dead letter. If its instance has started, nothing is lost. If the
 * trigger could not read it, it is started now. Any other request is sent to its queue again, up to
 * five times with growing delays, and then rejected as Undeliverable. A request that cannot be
 * compared with the claim of its id is sent again, too, and in the end it is a conflict. Throws if
 * its instance exists and has not opened the claim: then the letter stays, and the next round
 * handles it.
 */
export async function retryDeadLetter(letter: DeadLetter, read: ReadMessage, intake: Intake): Promise<void> {
  if (!letter.suitsTrigger) return startRequest(letter, read, intake);
  const instanceId = instanceIdOf(read.source, read.id);
  const fingerprints = payloadFingerprintsOf(read, intake.keys);
  if (intake.started.has(undeliverableInstanceIdOf(instanceId))) return rejectUndeliverable(instanceId, fingerprints, letter, read, intake);
  const state = await readMessageState(intake.client, { claimId: instanceId, instanceId, fingerprints });
  if (state.is === "unclaimed") throw new Error(`The instance ${instanceId} exists, but its claim is not open`);
  if (state.is !== "new" && state.is !== "lost" && state.is !== "incomparable") return handleKnownRequest(state, letter, read, intake);

  const about = { instanceId, ...namesInMessage(read), resubmissions: letter.resubmissions };
  if (letter.resubmissions < MOST_RESUBMISSIONS && (await resubmitRequest(letter, read, intake))) return intake.log("resubmitted", about);
  // The sealing key was missing for hours. A conflict is safe: the requester sends the request
  // under a new id.
  if (state.is === "incomparable") return handleKnownRequest({ is: "other" }, letter, read, intake);
  await rejectUndeliverable(instanceId, fingerprints, letter, read, intake);
}

async function rejectUndeliverable(
  instanceId: string,
  fingerprints: readonly string[],
  letter: DeadLetter,
  read: ReadMessage,
  intake: Intake,
): Promise<void> {
  const requester = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...letter };
  const text = "The app could not start this request after many deliveries. Send it again later, with a new id.";
  const because = problem("Undeliverable", text);
  const rejection = rejectionOf(completionEventIdOf(instanceId), requester, because, intake.now());
  const completion = { ...rejection, resubmissions: letter.resubmissions };
  const answer = { claimId: instanceId, fingerprints, completion };
  const safe = await ensurePublisher(intake, undeliverableInstanceIdOf(instanceId), answer);
  if (safe.is === "other") return handleKnownRequest(safe, letter, read, intake);
  intake.log("rejected", { instanceId, ...namesInMessage(read), problem: because.code });
}

/**
 * Sends a request to its queue again. Returns false if the broker refuses it permanently: the
 * properties of its first arrival make it larger, so it may be too large now.
 */
async function resubmitRequest(letter: DeadLetter, read: ReadMessage, { outbox, now, keys }: Intake): Promise<boolean> {
  const at = new Date(now().getTime() + FIRST_DELAY_MS * 2 ** letter.resubmissions);
  const applicationProperties = resubmissionPropertiesOf(letter, read, keys);
  try {
    await outbox.resubmit({ ...letter, applicationProperties }, at);
    return true;
  } catch (error) {
    if (isRefusedPermanently(error)) return false;
    throw error;
  }
}
