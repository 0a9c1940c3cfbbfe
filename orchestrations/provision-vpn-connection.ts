import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { claimRequest } from "./claim-request.ts";
import { completionOf } from "./completion-of.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { keysOf, rememberKeys, restoreKeys } from "./entities.ts";
import { gatewayLease } from "./gateway-lease.ts";
import { openInstance } from "./instance.ts";
import { pollToTheEnd } from "./poll-to-the-end.ts";
import { pollUntilDone } from "./poll-until-done.ts";
import { type Answered, handOver, publish } from "./publish.ts";
import { submit } from "./submit.ts";
import { endSuperseded } from "./superseded.ts";
import { verify } from "./verify.ts";

/** Provisions one VPN connection: validate, wait for the gateway, put, poll until Azure is done, verify; then publish the outcome, whatever it was. */
export function* provisionVpnConnection(context: OrchestrationContext): Durable<Answered> {
  const request = context.df.getInput<ProvisioningRequest>();
  const instance = openInstance(context, request);
  const lease = gatewayLease(instance, request);

  const claimed = yield* claimRequest(instance, request);
  if ("answered" in claimed) return claimed.answered;

  const completion = yield* completionOf(instance, request, claimed, function* () {
    const { connection, desired, mode } = instance.validated(yield* instance.steps.validateRequest(request));
    const { target } = connection;
    const { requestSource, type: requestType } = request;
    const wanted = { ...connection, requestSource, requestType, desired };
    if (mode === "plan") {
      const remembered = yield* keysOf(context, target, "recall");
      const plan = yield* instance.steps.planConnection({ ...wanted, remembered });
      instance.planned(plan);
      return { outcome: "Planned", change: plan.change, resource: plan.resource };
    }

    const newer = yield* lease.acquire(connection);
    if (newer) return yield* endSuperseded(instance, wanted, newer);
    const remembered = yield* keysOf(context, target, "take");
    const operation = instance.submitted(yield* submit(instance, { ...wanted, remembered }));
    if (operation.status === "notNeeded") {
      yield* restoreKeys(context, target, remembered);
      return { change: "Unchanged", resource: operation.resource };
    }
    if (operation.status === "running") yield* pollUntilDone(instance, operation);
    const resource = yield* verify(instance, desired);
    yield* rememberKeys(context, target, operation.given);
    return { change: operation.change, resource };
  });

  if (!instance.azure.running && (yield* lease.release())) return yield* publish(context, request.instanceId, completion);
  // The gateway is not free yet. Its end and the answer must not wait for one another.
  const answered = yield* handOver(context, request, completion);
  yield* pollToTheEnd(instance);
  yield* lease.release();
  return answered ?? (yield* publish(context, request.instanceId, completion));
}
