import type { RequestQueues } from "../../shared/access/request-queues.ts";
import { hasPrefix } from "../../shared/access/sources.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { rejectionOf, requestIdConflict } from "../../shared/contract/rejection.ts";
import { conflictEventIdOf, instanceIdOf } from "../../shared/durable/instance-id.ts";
import { parseExactly } from "../../shared/json.ts";
import { fingerprintsOf, type KeyRing } from "../../shared/secrets/key-ring.ts";
import { publishOrShorten } from "../activities/publish-or-shorten.ts";
import type { SafeState } from "../durable/ensure-instance.ts";
import { ensurePublisher } from "../durable/start-publisher.ts";
import type { Intake } from "./intake.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Does for a message of a known request what is still to be done. The same source and id is the
 * same request for ever: without an answer yet it is left alone; once it has one, that is sent
 * again, also when its instance was purged; with another payload it is refused.
 */
export async function handleKnownRequest(state: SafeState, message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  const about = { instanceId, requestId: read.id, requestSource: read.source };
  if (state.is === "other") {
    await rejectConflict(instanceId, message, read, intake);
    return intake.log("conflict", about);
  }
  if (state.is === "answered") {
    const { completion } = state;
    await publishOrShorten(
      intake.outbox,
      redirectCompletion(completion, message, intake.queues),
      `${completion.event.id}.r${message.sequenceNumber}`,
    );
  }
  intake.log("repeated", { ...about, published: state.is === "answered" });
}

async function rejectConflict(instanceId: string, message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const eventId = conflictEventIdOf(instanceId, fingerprintsOf("ids", payloadOf(read), intake.keys));
  const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
  const completion = rejectionOf(eventId, asked, requestIdConflict(), intake.now());
  await ensurePublisher(intake, eventId, { claimId: eventId, fingerprints: payloadFingerprintsOf(read, intake.keys), completion });
}

/** The fingerprints of what a message asks for, whichever way it is wrapped, and in whichever order its JSON properties are. */
export function payloadFingerprintsOf(read: ReadMessage, keys: KeyRing): string[] {
  return fingerprintsOf("payload", payloadOf(read), keys);
}

/** Source and id belong to it: a fingerprint must not tell whether somebody's guess under another id is the same payload. */
function payloadOf({ source, id, type, data, ticket }: ReadMessage): string {
  return canonicalJson([source, id, type, data, ticket === null ? null : parseExactly(ticket)]);
}

/**
 * Returns the answer for a sender who asks again, perhaps on another session. Without a prefix of
 * the queue nobody knows that it is the same sender: then the answer goes where it went first.
 */
function redirectCompletion(completion: Completion, { queue, replySessionId }: ReceivedMessage, queues: RequestQueues): Completion {
  return replySessionId === null || !hasPrefix(queue, queues) ? completion : { ...completion, replySessionId };
}
