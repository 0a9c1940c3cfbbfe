import type { DurableClient } from "durable-functions";
import type { AnswerInput } from "../shared/contract/rejection.ts";
import { instanceStatus } from "./instance-status.ts";

/** Hands an answer over to an orchestration that publishes it for as long as that takes; one that is on its way already is left alone. */
export async function startAnswer(client: DurableClient, instanceId: string, input: AnswerInput): Promise<void> {
  try {
    await client.startNew("answerMessage", { instanceId, input });
  } catch (error) {
    if (!(await instanceStatus(client, instanceId, false))) throw error;
  }
}
