import type { PutConnectionInput } from "../functions/activities/put-connection.ts";
import type { Try } from "../functions/connection-input.ts";
import { problem } from "../shared/contract/problem.ts";
import type { Requester } from "../shared/durable/fence.ts";
import type { Provisioned } from "./completion-of.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { keysOf } from "./entities.ts";
import type { Progress } from "./progress.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { proxyActivities } from "./proxy-activities.ts";

/**
 * Ends a request after a newer one for its connection was sent to Azure. It succeeds if everything
 * is as it wants it, keys included. Otherwise it throws ProvisioningError. Nothing is written.
 */
export function* supersededBy(
  context: OrchestrationContext,
  progress: Progress,
  input: Omit<PutConnectionInput, keyof Try | "remembered">,
  newer: Requester,
): Durable<Provisioned> {
  const { planConnection } = proxyActivities(context, progress);
  const remembered = yield* keysOf(context, input.target, "recall");
  try {
    const { change, resource, armState } = yield* planConnection({ ...input, remembered });
    if (change === "Unchanged") {
      progress.armState = armState;
      return { change, resource };
    }
  } catch (error) {
    // Without a look at the connection the answer is the same; a cancellation is another answer.
    if (error instanceof ProvisioningError && error.problem.code === "RequestCancelled") throw error;
  }
  const who = `The newer request is ${JSON.stringify(newer.requestId)} from ${JSON.stringify(newer.requestSource)}.`;
  const text = "A newer request for this connection was sent to Azure first. This one changed nothing.";
  throw new ProvisioningError(problem("Superseded", newer.requestSource === input.requestSource ? `${text} ${who}` : text));
}
