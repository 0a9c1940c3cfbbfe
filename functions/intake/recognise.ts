import type { RequestQueues } from "../../shared/access/request-queues.ts";
import { hasPrefix } from "../../shared/access/sources.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { rejectionOf, requestIdConflict } from "../../shared/contract/rejection.ts";
import { conflictEventIdOf, instanceIdOf } from "../../shared/durable/instance-id.ts";
import { canonicalJson } from "../../shared/json/canonical.ts";
import { parseExactly } from "../../shared/json/parse.ts";
import { fingerprintsOf, type KeyRing } from "../../shared/secrets/key-ring.ts";
import { publishTakeable } from "../activities/publish-takeable.ts";
import { answerSurely } from "../durable/start-answer.ts";
import type { Safe } from "../durable/start-surely.ts";
import type { ReceivedMessage } from "./request-message.ts";
import type { Taking } from "./taking.ts";

/**
 * Does for a message of a known request what is still to be done. The same source and id is the
 * same request for ever: without an answer yet it is left alone; once it has one, that is sent
 * again, also when its instance was purged; with another payload it is refused.
 */
export async function answerKnown(standing: Safe, message: ReceivedMessage, read: ReadMessage, taking: Taking): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  const about = { instanceId, requestId: read.id, requestSource: read.source };
  if (standing.is === "other") {
    await answerConflict(instanceId, message, read, taking);
    return taking.log("conflict", about);
  }
  if (standing.is === "answered") {
    const { completion } = standing;
    await publishTakeable(taking.outbox, again(completion, message, taking.queues), `${completion.event.id}.r${message.sequenceNumber}`);
  }
  taking.log("repeated", { ...about, published: standing.is === "answered" });
}

async function answerConflict(instanceId: string, message: ReceivedMessage, read: ReadMessage, taking: Taking): Promise<void> {
  const eventId = conflictEventIdOf(instanceId, fingerprintsOf("ids", payloadOf(read), taking.keys));
  const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
  const completion = rejectionOf(eventId, asked, requestIdConflict(), taking.now());
  await answerSurely(taking, eventId, { claimId: eventId, fingerprints: payloadPrints(read, taking.keys), completion });
}

/** The fingerprints of what a message asks for, whichever way it is wrapped, and in whichever order its JSON properties are. */
export function payloadPrints(read: ReadMessage, keys: KeyRing): string[] {
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
function again(completion: Completion, { queue, replySessionId }: ReceivedMessage, queues: RequestQueues): Completion {
  return replySessionId === null || !hasPrefix(queue, queues) ? completion : { ...completion, replySessionId };
}
