import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { cancelType } from "../shared/contract/cancel.ts";
import type { ReadMessage } from "../shared/contract/message.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { instanceIdOf } from "../shared/instance-id.ts";
import { sealSecrets } from "../shared/sealing.ts";
import { logStepOf } from "./log-step.ts";
import { payloadPrints, recognise } from "./recognise.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { type Receiving, takeMessage } from "./take-message.ts";

/**
 * Takes one message of a request queue: starts its instance, or recognises a request that has one.
 */
export function receiveRequest(receiving: Receiving) {
  return takeMessage(take, receiving);
}

async function take(message: ReceivedMessage, read: ReadMessage, context: InvocationContext, receiving: Receiving): Promise<void> {
  const client = df.getClient(context);
  const instanceId = instanceIdOf(read.source, read.id);
  if (await recognise(instanceId, message, read, context, receiving)) return;
  const orchestration = read.type === cancelType ? "cancelProvisioning" : "provisionVpnConnection";
  try {
    await client.startNew(orchestration, { instanceId, input: requestOf(instanceId, message, read, context, receiving) });
    logStepOf(context)("received", { instanceId, requestId: read.id, requestSource: read.source });
  } catch (error) {
    // Two deliveries at once: the slower start fails in a way that the client does not name, so the status decides.
    if (!(await recognise(instanceId, message, read, context, receiving))) throw error;
  }
}

function requestOf(
  instanceId: string,
  message: ReceivedMessage,
  read: ReadMessage,
  context: InvocationContext,
  { keys, policy }: Receiving,
): ProvisioningRequest {
  return {
    instanceId,
    requestId: read.id,
    requestSource: read.source,
    type: read.type,
    data: sealSecrets(read.data, instanceId, keys),
    ticket: read.ticket,
    fingerprints: payloadPrints(read, keys),
    queue: message.queue,
    receivedAt: message.receivedAt,
    sequenceNumber: message.sequenceNumber,
    replySessionId: message.replySessionId,
    warnings: message.warnings,
    traceparent: read.traceparent ?? context.traceContext?.traceParent ?? null,
    policy,
  };
}
