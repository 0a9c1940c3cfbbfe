import type { AnswerInput } from "../../shared/durable/answer.ts";
import { orchestrations } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { ensureInstance, type Invocation, type SafeState, startIfMissing } from "./ensure-instance.ts";

/** Hands an answer over to an orchestration that publishes it for as long as that takes; one that is on its way already is left alone. */
export async function startPublisher(client: DurableClient, instanceId: string, input: AnswerInput): Promise<void> {
  await startIfMissing(client, orchestrations.answer, instanceId, input);
}

/**
 * Hands over the answer to a message, as `startSurely` does. An answer that was given before is
 * published again, for a message that came again.
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
  if (safe.is === "answered") {
    await startPublisher(invocation.client, instanceId, input);
    invocation.started.add(instanceId);
  }
  return safe;
}
