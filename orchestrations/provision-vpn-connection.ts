import type { Completion } from "../shared/contract/completion.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { completionOf } from "./completion-of.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { pollUntilDone } from "./poll-until-done.ts";
import { openProgress } from "./progress.ts";
import { proxyActivities } from "./proxy-activities.ts";

/** Provisions one VPN connection: validate, put, poll until Azure is done, verify; then publish the outcome, whatever it was. */
export function* provisionVpnConnection(context: OrchestrationContext): Durable<Completion> {
  const request = context.df.getInput<ProvisioningRequest>();
  const progress = openProgress(context, request);
  const { validateRequest, putConnection, verifyConnection, publishCompletion } = proxyActivities(context, progress);

  const completion = yield* completionOf(context, request, progress, function* () {
    const { connection, desired } = progress.validated(yield* validateRequest(request));

    const operation = progress.submitted(yield* putConnection({ ...connection, desired }));
    if (operation.status === "notNeeded") return { change: "Unchanged", resource: operation.resource };

    yield* pollUntilDone(context, progress, operation, connection);
    const resource = progress.verified(yield* verifyConnection(connection));
    return { change: operation.change, resource };
  });

  yield* publishCompletion(completion);
  return completion;
}
