import { problem } from "../shared/contract/problem.ts";
import type { PutConnectionInput, Try } from "../shared/durable/activities.ts";
import type { Requester } from "../shared/durable/fence.ts";
import type { Durable } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import type { Success } from "./run-to-completion.ts";

/**
 * Ends a request because a newer one has changed its connection. Returns Unchanged if the
 * connection is as this request wants it, keys included. Otherwise throws ProvisioningError. Writes
 * nothing.
 */
export function* endSupersededRequest(
  { steps, azure }: Instance,
  input: Omit<PutConnectionInput, keyof Try>,
  newer: Requester,
): Durable<Success> {
  try {
    const { change, resource, armState } = yield* steps.planConnection(input);
    if (change === "Unchanged") {
      azure.noteState(armState);
      return { change, resource };
    }
  } catch (error) {
    // If the connection cannot be read, the request is superseded too. A cancellation still counts.
    if (error instanceof ProvisioningError && error.problem.code === "RequestCancelled") throw error;
  }
  const who = `The newer request is ${JSON.stringify(newer.requestId)} from ${JSON.stringify(newer.requestSource)}.`;
  const text = "A newer request for this connection was sent to Azure first. This one changed nothing.";
  throw new ProvisioningError(problem("Superseded", newer.requestSource === input.requestSource ? `${text} ${who}` : text));
}
