import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { begin } from "./begin.ts";
import { completionOf } from "./completion-of.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { gatewayLease } from "./gateway-lease.ts";
import { pollToTheEnd, pollUntilDone } from "./poll-until-done.ts";
import { openProgress } from "./progress.ts";
import { proxyActivities } from "./proxy-activities.ts";
import { type Answered, publish } from "./publish.ts";

/** Provisions one VPN connection: validate, wait for the gateway, put, poll until Azure is done, verify; then publish the outcome, whatever it was. */
export function* provisionVpnConnection(context: OrchestrationContext): Durable<Answered> {
  const request = context.df.getInput<ProvisioningRequest>();
  const progress = openProgress(context, request);
  const { validateRequest, putConnection, verifyConnection } = proxyActivities(context, progress);
  const lease = gatewayLease(context, progress, {
    instanceId: request.instanceId,
    enqueuedAt: request.receivedAt,
    sequenceNumber: request.sequenceNumber,
  });

  const known = yield* begin(context, progress, request);
  if (known) return known;

  const completion = yield* completionOf(context, request, progress, function* () {
    const { connection, desired } = progress.validated(yield* validateRequest(request));
    yield* lease.acquire(connection);

    const operation = progress.submitted(yield* putConnection({ ...connection, desired }));
    if (operation.status === "notNeeded") return { change: "Unchanged", resource: operation.resource };

    yield* pollUntilDone(context, progress, operation, connection);
    const resource = progress.verified(yield* verifyConnection(connection));
    return { change: operation.change, resource };
  });

  if (!progress.running) yield* lease.release();
  const answered = yield* publish(context, request.instanceId, completion);
  if (progress.running) {
    yield* pollToTheEnd(context, progress);
    yield* lease.release();
  }
  return answered;
}
