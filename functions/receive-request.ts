import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { cancelType } from "../shared/contract/cancel.ts";
import { type ReadMessage, readMessage } from "../shared/contract/message.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { instanceIdOf } from "../shared/instance-id.ts";
import type { Policy } from "../shared/policy.ts";
import { sealSecrets } from "../shared/sealing.ts";
import { answerUnreadable } from "./answer-unreadable.ts";
import { logStepOf } from "./log-step.ts";
import { type Pace, persistently } from "./persistently.ts";
import { payloadPrints, type Recognition, recognise } from "./recognise.ts";
import { type ReceivedMessage, receivedMessage } from "./request-message.ts";

/** What the receivers of requests need. */
export interface Receiving extends Recognition, Pace {
  readonly queue: string;
  readonly policy: Policy;
}

/**
 * Takes one request message: starts its instance, or recognises a request that has one, or answers a message that nobody can read. It returns when the
 * message is safe with somebody else, and throws otherwise, so that the broker delivers it again.
 */
export function receiveRequest(receiving: Receiving) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = receivedMessage(body, context, receiving);
    const read = readMessage(message);
    await persistently(
      () => ("unreadable" in read ? answerUnreadable(message, read, context, receiving) : take(message, read, context, receiving)),
      message,
      context,
      receiving,
    );
  };
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
    receivedAt: message.receivedAt,
    sequenceNumber: message.sequenceNumber,
    replySessionId: message.replySessionId,
    traceparent: read.traceparent ?? context.traceContext?.traceParent ?? null,
    policy,
  };
}
