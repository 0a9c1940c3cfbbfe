import type { RequestQueues } from "../../shared/access/request-queues.ts";
import { hasPrefix } from "../../shared/access/sources.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { rejectionOf, requestIdConflict } from "../../shared/contract/rejection.ts";
import { conflictEventIdOf, instanceIdOf } from "../../shared/durable/instance-id.ts";
import { canonicalJson } from "../../shared/json/canonical.ts";
import { parseExactly } from "../../shared/json/parse.ts";
import { fingerprintsOf, type KeyRing } from "../../shared/secrets/key-ring.ts";
import { publishOrShorten } from "../activities/publish-or-shorten.ts";
import type { SafeState } from "../durable/ensure-instance.ts";
import { namesInMessage } from "../durable/log-names.ts";
import { ensurePublisher } from "../durable/start-publisher.ts";
import type { Intake } from "./intake.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Handles a message of a known request. The same source and id is always the same request. If it
 * has no completion yet, nothing happens. If it has one, the completion is published again, even if
 * the instance was purged. If the payload is another one, the message is rejected.
 */
export async function handleKnownRequest(state: SafeState, message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  const about = { instanceId, ...namesInMessage(read) };
  if (state.is === "other") {
    await rejectConflict(instanceId, message, read, intake);
    return intake.log("conflict", about);
  }
  if (state.is === "completed") {
    const { completion } = state;
    await publishOrShorten(
      intake.outbox,
      redirectCompletion(completion, message, intake.queues),
      `${completion.event.id}.r${message.sequenceNumber}`,
    );
  }
  intake.log("repeated", { ...about, published: state.is === "completed" });
}

async function rejectConflict(instanceId: string, message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const eventId = conflictEventIdOf(instanceId, fingerprintsOf("ids", payloadOf(read), intake.keys));
  const requester = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
  const completion = rejectionOf(eventId, requester, requestIdConflict(), intake.now());
  await ensurePublisher(intake, eventId, { claimId: eventId, fingerprints: payloadFingerprintsOf(read, intake.keys), completion });
}

/**
 * Returns the fingerprints of a message's payload, one for each sealing key. They depend neither on
 * the envelope nor on the order of JSON properties.
 */
export function payloadFingerprintsOf(read: ReadMessage, keys: KeyRing): string[] {
  return fingerprintsOf("payload", payloadOf(read), keys);
}

/**
 * Returns the text that is fingerprinted. It includes source and id: otherwise a sender could test
 * under another id whether a guessed payload is the same as another sender's.
 * It has the data as it was written, not as it is normalized: a later version of the app may
 * normalize more, and a repeated message must stay the same request.
 */
function payloadOf({ source, id, type, data, ticket }: ReadMessage): string {
  return canonicalJson([source, id, type, data, ticket === null ? null : parseExactly(ticket)]);
}

/**
 * Returns the completion for a repeated request, which may name another reply session. If the queue
 * has no source prefix, it could be another sender, so the first reply session stays.
 */
function redirectCompletion(completion: Completion, { queue, replySessionId }: ReceivedMessage, queues: RequestQueues): Completion {
  return replySessionId === null || !hasPrefix(queue, queues) ? completion : { ...completion, replySessionId };
}
