import type { Change, Completion, CompletionData } from "../shared/contract/completion.ts";
import { composeCompletion } from "../shared/contract/compose.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import { type Problem, ProvisioningError, problem, rejects } from "../shared/problem.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import type { Progress } from "./progress.ts";

/** What a success has to tell. */
export interface Provisioned {
  readonly change: Change;
  readonly resource: unknown;
}

/** Carries a request out and tells its end, whatever it is: no failure of the change leaves this function as anything but a completion. */
export function* completionOf(
  context: OrchestrationContext,
  request: ProvisioningRequest,
  progress: Progress,
  provision: () => Durable<Provisioned>,
): Durable<Completion> {
  let end: Pick<CompletionData, "outcome" | "change" | "resource" | "problem">;
  try {
    const { change, resource } = yield* provision();
    end = { outcome: "Succeeded", change, resource, problem: null };
  } catch (error) {
    const because = error instanceof ProvisioningError ? error.problem : unforeseen(request);
    end = { outcome: rejects(because.code) ? "Rejected" : "Failed", change: null, resource: null, problem: because };
  }
  const timing = { ...progress.timing, completedAt: context.df.currentUtcDateTime.toISOString() };
  const { requestId, requestSource, traceparent, ticket, replySessionId, instanceId } = request;
  const arm = { correlationRequestId: correlationIdOf(instanceId), operationId: progress.operationId, attempts: progress.attempts };
  const data = { requestId, requestSource, ...end, warnings: progress.warnings, diff: null, armState: progress.armState, arm, timing };
  return composeCompletion({ id: `${instanceId}.completed`, target: progress.target, traceparent, ticket, replySessionId, data });
}

/** The message of an error that nobody foresaw may quote anything, so it stays in the app's log, where the instance id finds it. */
function unforeseen({ instanceId }: ProvisioningRequest): Problem {
  return problem("InternalError", `The app failed in a way it does not know. The log of instance ${instanceId} has the error.`);
}
