import * as df from "durable-functions";
import "../../functions/index.ts";
import { claimRequest } from "../../orchestrations/claim-request.ts";
import { completionOf } from "../../orchestrations/completion-of.ts";
import type { Durable, OrchestrationContext } from "../../orchestrations/durable.ts";
import { keysOf } from "../../orchestrations/entities.ts";
import { gatewayLease } from "../../orchestrations/gateway-lease.ts";
import { openInstance } from "../../orchestrations/instance.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";

// The app, and beside it what must not be deployed while instances run: the beginning of
// provisionVpnConnection with two steps in the other order.

df.app.orchestration("withSwappedSteps", function* (context: OrchestrationContext): Durable<unknown> {
  const request = context.df.getInput<ProvisioningRequest>();
  const instance = openInstance(context, request);
  const lease = gatewayLease(instance, request);
  yield* claimRequest(instance, request);
  return yield* completionOf(instance, request, { cancelled: false }, function* () {
    const { connection } = instance.validated(yield* instance.steps.validateRequest(request));
    yield* keysOf(context, connection.target, "take");
    yield* lease.acquire(connection);
    return { change: null, resource: null };
  });
});
