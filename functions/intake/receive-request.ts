import type { InvocationContext } from "@azure/functions";
import { cancelType } from "../../shared/contract/cancel.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";
import { persistently } from "../durable/persistently.ts";
import { startSurely } from "../durable/start-surely.ts";
import { answerKnown, payloadPrints } from "./recognise.ts";
import { type ReceivedMessage, receivedMessage } from "./request-message.ts";
import { takeMessage } from "./take-message.ts";
import { type Receiving, type Taking, takingOf } from "./taking.ts";

/**
 * Takes the messages of a request queue. It returns when a message is safe elsewhere, and throws
 * otherwise, so that the broker delivers it again.
 */
export function receiveRequest(queue: string, receiving: Receiving) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = receivedMessage(body, context, { queue, now: receiving.now });
    const taking = takingOf(receiving, context);
    await persistently(() => takeMessage(message, carryOut, taking), message, context, receiving);
  };
}

/** Starts the instance of a request, or recognises a request that has one. */
export async function carryOut(message: ReceivedMessage, read: ReadMessage, taking: Taking): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  const fingerprints = payloadPrints(read, taking.keys);
  const orchestration = read.type === cancelType ? "cancelProvisioning" : "provisionVpnConnection";
  const input = () => requestOf(instanceId, fingerprints, message, read, taking);
  const accepted = () => taking.log("received", { instanceId, requestId: read.id, requestSource: read.source });
  const safe = await startSurely(taking, { claimId: instanceId, instanceId, fingerprints, orchestration, input, accepted });
  if (safe.is !== "begun" || !taking.started.has(instanceId)) await answerKnown(safe, message, read, taking);
}

function requestOf(
  instanceId: string,
  fingerprints: readonly string[],
  message: ReceivedMessage,
  read: ReadMessage,
  { keys, policy, traceparent }: Taking,
): ProvisioningRequest {
  return {
    instanceId,
    requestId: read.id,
    requestSource: read.source,
    type: read.type,
    data: JSON.stringify(sealSecrets(read.data, instanceId, keys)),
    ticket: read.ticket,
    fingerprints,
    queue: message.queue,
    receivedAt: message.receivedAt,
    sequenceNumber: message.sequenceNumber,
    replySessionId: message.replySessionId,
    warnings: message.warnings,
    traceparent: read.traceparent ?? traceparent,
    policy,
  };
}
