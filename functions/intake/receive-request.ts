import type { InvocationContext } from "@azure/functions";
import { cancelType } from "../../shared/contract/cancel.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { orchestrations } from "../../shared/durable/names.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";
import { ensureInstance } from "../durable/ensure-instance.ts";
import { namesInMessage } from "../durable/log-names.ts";
import { retryErrors } from "../durable/retry.ts";
import { type Intake, type IntakeDependencies, openIntake } from "./intake.ts";
import { handleKnownRequest, payloadFingerprintsOf } from "./known-request.ts";
import { type ReceivedMessage, readTriggerMessage } from "./request-message.ts";
import { takeMessage } from "./take-message.ts";
import { traceMessage } from "./trace-message.ts";

/**
 * Returns the trigger function of a request queue. It returns when the message is safe, and throws
 * otherwise, so that the broker delivers the message again.
 */
export function receiveRequest(queue: string, dependencies: IntakeDependencies) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = readTriggerMessage(body, context, { queue, now: dependencies.now });
    const intake = openIntake(dependencies, context);
    await traceMessage(dependencies.tracing, message, dependencies.now(), (noteRequest) => {
      const start: typeof startRequest = (received, read, of) => {
        noteRequest(read);
        return startRequest(received, read, of);
      };
      return retryErrors(() => takeMessage(message, start, intake), message, context, dependencies);
    });
  };
}

/**
 * Starts the instance of a request. If there is one already, handles the message as a repetition.
 */
export async function startRequest(message: ReceivedMessage, read: ReadMessage, intake: Intake): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  const fingerprints = payloadFingerprintsOf(read, intake.keys);
  const orchestration = read.type === cancelType ? orchestrations.cancel : orchestrations.provision;
  const input = () => requestOf(instanceId, fingerprints, message, read, intake);
  const onStart = () => intake.log("received", { instanceId, ...namesInMessage(read) });
  const safe = await ensureInstance(intake, { claimId: instanceId, instanceId, fingerprints, orchestration, input, onStart });
  if (safe.is !== "started" || !intake.started.has(instanceId)) await handleKnownRequest(safe, message, read, intake);
}

function requestOf(
  instanceId: string,
  fingerprints: readonly string[],
  message: ReceivedMessage,
  read: ReadMessage,
  { keys, policy }: Intake,
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
    ...(message.resubmissions > 0 ? { resubmissions: message.resubmissions } : {}),
    warnings: message.warnings,
    traceparent: read.traceparent,
    policy,
  };
}
