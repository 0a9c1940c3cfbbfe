import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Outbox } from "../shared/azure/service-bus.ts";
import { canonicalJson } from "../shared/canonical-json.ts";
import { type Claim, samePayload } from "../shared/claim.ts";
import type { Completion } from "../shared/contract/completion.ts";
import type { ReadMessage } from "../shared/contract/message.ts";
import { rejectionOf, requestIdConflict } from "../shared/contract/rejection.ts";
import { conflictEventIdOf } from "../shared/instance-id.ts";
import { parseExactly } from "../shared/json.ts";
import { fingerprintsOf, type KeyRing } from "../shared/key-ring.ts";
import type { RequestQueues } from "../shared/request-queues.ts";
import { hasPrefix } from "../shared/sources.ts";
import { instanceStatus, parsedInput } from "./instance-status.ts";
import { logStepOf } from "./log-step.ts";
import { publishTakeable } from "./publish-takeable.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";

/** What it takes to recognise a request. */
export interface Recognition {
  readonly keys: KeyRing;
  readonly outbox: Outbox;
  readonly queues: RequestQueues;
  readonly now: () => Date;
}

/**
 * The same source and id is the same request for ever: without an answer yet it is left alone; once it has one, that is sent again, also when its instance
 * was purged; with another payload it is refused. Answers whether the request was known.
 */
export async function recognise(
  instanceId: string,
  message: ReceivedMessage,
  read: ReadMessage,
  context: InvocationContext,
  { keys, outbox, queues, now }: Recognition,
): Promise<boolean> {
  const client = df.getClient(context);
  const status = await instanceStatus(client, instanceId);
  // The instance may have been replaced by a delivery at the same time; the claim knows what was first. It also knows the answer of a request that still
  // keeps its gateway.
  const claim = await claimOf(client, instanceId);
  if (!status && !claim?.completion) return false;
  const about = { instanceId, requestId: read.id, requestSource: read.source };
  const prints = payloadPrints(read, keys);
  const started = status ? ((parsedInput(status) as { fingerprints?: readonly string[] } | null)?.fingerprints ?? []) : [];
  if (!samePayload(claim?.fingerprints ?? started, prints)) {
    const eventId = conflictEventIdOf(instanceId, fingerprintsOf("ids", payloadOf(read), keys));
    const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
    const completion = rejectionOf(eventId, asked, requestIdConflict(), now());
    await startAnswer(client, eventId, { claimId: eventId, fingerprints: prints, completion });
    logStepOf(context)("conflict", about);
    return true;
  }
  if (claim?.completion) {
    await publishTakeable(outbox, again(claim.completion, message, queues), `${claim.completion.event.id}.r${message.sequenceNumber}`);
  }
  logStepOf(context)("repeated", { ...about, published: Boolean(claim?.completion) });
  return true;
}

/** The fingerprints of what a message asks for, whichever way it is wrapped, and in whichever order its JSON properties are. */
export function payloadPrints(read: ReadMessage, keys: KeyRing): string[] {
  return fingerprintsOf("payload", payloadOf(read), keys);
}

/** Source and id belong to it: a fingerprint must not tell whether somebody's guess under another id is the same payload. */
function payloadOf({ source, id, type, data, ticket }: ReadMessage): string {
  return canonicalJson([source, id, type, data, ticket === null ? null : parseExactly(ticket)]);
}

async function claimOf(client: df.DurableClient, instanceId: string): Promise<Claim | undefined> {
  const { entityExists, entityState } = await client.readEntityState<Claim>(new df.EntityId("completionClaim", instanceId));
  if (!entityExists || !entityState || entityState.fingerprints.length === 0) return undefined;
  return entityState;
}

/**
 * Returns the answer for a sender who asks again, perhaps on another session. Without a prefix of
 * the queue nobody knows that it is the same sender: then the answer goes where it went first.
 */
function again(completion: Completion, { queue, replySessionId }: ReceivedMessage, queues: RequestQueues): Completion {
  return replySessionId === null || !hasPrefix(queue, queues) ? completion : { ...completion, replySessionId };
}
