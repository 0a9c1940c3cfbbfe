import * as df from "durable-functions";
import "../../functions/index.ts";
import { claimRequest } from "../../orchestrations/claim-request.ts";
import type { Durable, OrchestrationContext } from "../../orchestrations/durable.ts";
import { recallKeys } from "../../orchestrations/entities.ts";
import { openGatewayLease } from "../../orchestrations/gateway-lease.ts";
import { openInstance } from "../../orchestrations/instance.ts";
import { runToCompletion } from "../../orchestrations/run-to-completion.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";

// The app, and beside it what must not be deployed while instances run: the beginning of
// provisionVpnConnection with two steps in the other order.

df.app.orchestration("withSwappedSteps", function* (context: OrchestrationContext): Durable<unknown> {
  const request = context.df.getInput<ProvisioningRequest>();
  const instance = openInstance(context, request);
  const lease = openGatewayLease(instance, request);
  yield* claimRequest(instance, request);
  return yield* runToCompletion(instance, request, { cancelled: false }, function* () {
    const { connection } = instance.noteValidation(yield* instance.steps.validateRequest(request));
    yield* recallKeys(context, connection.target);
    yield* lease.acquire(connection);
    return { change: null, resource: null };
  });
});
