import type { AnswerInput } from "../shared/durable/answer.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { claimAndPublish, type InstanceResult } from "./publish.ts";

/**
 * Publishes a completion, however long that takes. If the request has another completion already,
 * publishes that one.
 */
export function* answerMessage(context: OrchestrationContext): Durable<InstanceResult> {
  const { claimId, fingerprints, completion } = context.df.getInput<AnswerInput>();
  return yield* claimAndPublish(context, claimId, completion, fingerprints);
}
