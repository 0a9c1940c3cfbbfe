import * as df from "durable-functions";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import "../../functions/index.ts";
import { begin } from "../../orchestrations/claim-request.ts";
import { completionOf } from "../../orchestrations/completion-of.ts";
import type { Durable, OrchestrationContext } from "../../orchestrations/durable.ts";
import { keysOf } from "../../orchestrations/entities.ts";
import { gatewayLease } from "../../orchestrations/gateway-lease.ts";
import { openProgress } from "../../orchestrations/progress.ts";
import { proxyActivities } from "../../orchestrations/proxy-activities.ts";

// The app, and beside it what must not be deployed while instances run: the beginning of provisionVpnConnection with two steps in the other order.

df.app.orchestration("withSwappedSteps", function* (context: OrchestrationContext): Durable<unknown> {
  const request = context.df.getInput<ProvisioningRequest>();
  const progress = openProgress(context, request);
  const { validateRequest } = proxyActivities(context, progress);
  const lease = gatewayLease(context, progress, request);
  yield* begin(context, progress, request);
  return yield* completionOf(context, request, progress, function* () {
    const { connection } = progress.validated(yield* validateRequest(request));
    yield* keysOf(context, connection.target, "take");
    yield* lease.acquire(connection);
    return { change: null, resource: null };
  });
});
