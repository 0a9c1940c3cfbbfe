import type { AnswerInput } from "../../shared/durable/answer.ts";
import { orchestrations } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { ensureInstance, type Invocation, type SafeState, startIfMissing } from "./ensure-instance.ts";

/**
 * Starts the instance that publishes a completion, however long that takes. Does nothing if the
 * instance runs already.
 */
export async function startPublisher(client: DurableClient, instanceId: string, input: AnswerInput): Promise<void> {
  await startIfMissing(client, orchestrations.answer, instanceId, input);
}

/**
 * Makes sure that an instance publishes the completion of a message, as `ensureInstance` does. If
 * the message is a repetition, its completion is published again.
 */
export async function ensurePublisher(invocation: Invocation, instanceId: string, input: AnswerInput): Promise<SafeState> {
  const { claimId, fingerprints } = input;
  const safe = await ensureInstance(invocation, {
    claimId,
    instanceId,
    fingerprints,
    orchestration: orchestrations.answer,
    input: () => input,
  });
  if (safe.is === "completed") {
    await startPublisher(invocation.client, instanceId, input);
    invocation.started.add(instanceId);
  }
  return safe;
}
