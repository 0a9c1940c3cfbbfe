import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { begin } from "./claim-request.ts";
import { completionOf } from "./completion-of.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { keysOf, rememberKeys, restoreKeys } from "./entities.ts";
import { gatewayLease } from "./gateway-lease.ts";
import { pollToTheEnd, pollUntilDone, verify } from "./poll-until-done.ts";
import { openProgress } from "./progress.ts";
import { proxyActivities } from "./proxy-activities.ts";
import { type Answered, handOver, publish } from "./publish.ts";
import { submit } from "./submit.ts";
import { supersededBy } from "./superseded.ts";

/** Provisions one VPN connection: validate, wait for the gateway, put, poll until Azure is done, verify; then publish the outcome, whatever it was. */
export function* provisionVpnConnection(context: OrchestrationContext): Durable<Answered> {
  const request = context.df.getInput<ProvisioningRequest>();
  const progress = openProgress(context, request);
  const { validateRequest, planConnection } = proxyActivities(context, progress);
  const lease = gatewayLease(context, progress, request);

  const known = yield* begin(context, progress, request);
  if (known) return known;

  const completion = yield* completionOf(context, request, progress, function* () {
    const { connection, desired, mode } = progress.validated(yield* validateRequest(request));
    const { target } = connection;
    const { requestSource, type: requestType } = request;
    const input = { ...connection, requestSource, requestType, desired };
    if (mode === "plan") {
      const remembered = yield* keysOf(context, target, "recall");
      return progress.planned(yield* planConnection({ ...input, remembered }));
    }

    const newer = yield* lease.acquire(connection);
    if (newer) return yield* supersededBy(context, progress, input, newer);
    const remembered = yield* keysOf(context, target, "take");
    const operation = progress.submitted(yield* submit(context, progress, { ...input, remembered }));
    if (operation.status === "notNeeded") {
      yield* restoreKeys(context, target, remembered);
      return { change: "Unchanged", resource: operation.resource };
    }
    if (operation.status === "running") yield* pollUntilDone(context, progress, operation);
    const resource = yield* verify(context, progress, desired);
    yield* rememberKeys(context, target, operation.given);
    return { change: operation.change, resource };
  });

  if (!progress.running && (yield* lease.release())) return yield* publish(context, request.instanceId, completion);
  // The gateway is not free yet. Its end and the answer must not wait for one another.
  const answered = yield* handOver(context, request, completion);
  yield* pollToTheEnd(context, progress);
  yield* lease.release();
  return answered ?? (yield* publish(context, request.instanceId, completion));
}
