import type { AnswerInput } from "../shared/durable/answer.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { callClaim } from "./entities.ts";
import { claimAndPublish, type InstanceResult } from "./publish.ts";

/** Publishes one answer for as long as that takes, unless the request has another one already: then that is published. */
export function* answerMessage(context: OrchestrationContext): Durable<InstanceResult> {
  const { claimId, fingerprints, completion } = context.df.getInput<AnswerInput>();
  yield* callClaim(context, claimId, "open", { fingerprints });
  return yield* claimAndPublish(context, claimId, completion);
}
