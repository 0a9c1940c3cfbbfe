import type { AnswerInput } from "../../shared/durable/answer.ts";
import type { DurableClient } from "./durable-client.ts";
import { type Invocation, type Safe, startSurely, startUnlessThere } from "./start-surely.ts";

const orchestration = "answerMessage";

/** Hands an answer over to an orchestration that publishes it for as long as that takes; one that is on its way already is left alone. */
export async function startAnswer(client: DurableClient, instanceId: string, input: AnswerInput): Promise<void> {
  await startUnlessThere(client, orchestration, instanceId, input);
}

/**
 * Hands over the answer to a message, as `startSurely` does. An answer that was given before is
 * published again, for a message that came again.
 */
export async function answerSurely(invocation: Invocation, instanceId: string, input: AnswerInput): Promise<Safe> {
  const { claimId, fingerprints } = input;
  const safe = await startSurely(invocation, { claimId, instanceId, fingerprints, orchestration, input: () => input });
  if (safe.is === "answered") {
    await startAnswer(invocation.client, instanceId, input);
    invocation.started.add(instanceId);
  }
  return safe;
}
