import type { AnswerInput } from "../../shared/durable/answer.ts";
import { durableClient } from "../durable/durable-client.ts";
import { startAnswer } from "../durable/start-answer.ts";
import type { Activity } from "./without-secrets.ts";

export interface HandOverAnswerInput {
  /** The instance that is to publish the answer. */
  readonly instanceId: string;
  readonly answer: AnswerInput;
}

/** Hands an answer over to an instance of its own, which publishes it while the caller goes on. Doing it again changes nothing. */
export const handOverAnswer: Activity<HandOverAnswerInput, true> = async ({ instanceId, answer }, _log, context) => {
  await startAnswer(durableClient(context), instanceId, answer);
  return { ok: true };
};
