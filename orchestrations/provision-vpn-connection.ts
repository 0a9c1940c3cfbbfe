import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { claimRequest } from "./claim-request.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { endSupersededRequest } from "./end-superseded-request.ts";
import { recallKeys } from "./entities.ts";
import { openGatewayLease } from "./gateway-lease.ts";
import { openInstance } from "./instance.ts";
import { pollAfterCompletion } from "./poll-after-completion.ts";
import { pollUntilDone } from "./poll-until-done.ts";
import { claimAndHandOver, claimAndPublish, type InstanceResult } from "./publish.ts";
import { runToCompletion } from "./run-to-completion.ts";
import { submitConnection } from "./submit-connection.ts";
import { verifyChange } from "./verify-change.ts";

/**
 * Provisions one VPN connection: validates, waits for the gateway, sends the PUT, polls until Azure
 * is done, verifies, and publishes the completion, whatever the outcome is.
 */
export function* provisionVpnConnection(context: OrchestrationContext): Durable<InstanceResult> {
  const request = context.df.getInput<ProvisioningRequest>();
  const instance = openInstance(context, request);
  const lease = openGatewayLease(instance, request);

  const claim = yield* claimRequest(instance, request);
  if ("result" in claim) return claim.result;

  const completion = yield* runToCompletion(instance, request, claim, function* () {
    const { connection, desired, mode } = instance.noteValidation(yield* instance.steps.validateRequest(request));
    const { requestSource, type: requestType } = request;
    const input = { ...connection, requestSource, requestType, desired };
    if (mode === "plan") {
      const remembered = yield* recallKeys(context, connection.target);
      const plan = yield* instance.steps.planConnection({ ...input, remembered });
      instance.notePlan(plan);
      return { outcome: "Planned", change: plan.change, resource: plan.resource };
    }

    const { remembered, newer } = yield* lease.acquire(connection);
    if (newer) return yield* endSupersededRequest(instance, { ...input, remembered }, newer);
    const operation = instance.noteSubmission(yield* submitConnection(instance, { ...input, remembered }));
    if (operation.status === "notNeeded") return { change: "Unchanged", resource: operation.resource };
    const { change, given } = operation;
    const verification = operation.status === "done" ? operation.verification : yield* pollUntilDone(instance, operation, desired);
    return { change, resource: yield* verifyChange(instance, desired, { given, verification }) };
  });

  if (!instance.azure.running && (yield* lease.release())) return yield* claimAndPublish(context, request.instanceId, completion);
  // The gateway is not free yet. Another instance publishes the completion, because neither may
  // wait for the other.
  const result = yield* claimAndHandOver(context, request, completion);
  yield* pollAfterCompletion(instance);
  yield* lease.release();
  return result ?? (yield* claimAndPublish(context, request.instanceId, completion));
}
