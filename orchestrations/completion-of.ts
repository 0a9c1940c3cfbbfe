import type { Change, Completion, CompletionData } from "../shared/contract/completion.ts";
import { composeCompletion } from "../shared/contract/compose.ts";
import { outcomeOf, type Problem, problem } from "../shared/contract/problem.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import type { Progress } from "./progress.ts";
import { ProvisioningError } from "./provisioning-error.ts";

/** What a success has to tell. */
export interface Provisioned {
  readonly outcome?: "Succeeded" | "Planned";
  readonly change: Change | null;
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
    if (progress.cancelled) throw new ProvisioningError(problem("RequestCancelled", "The request was cancelled before it started."));
    const { outcome = "Succeeded", change, resource } = yield* provision();
    end = { outcome, change, resource, problem: null };
  } catch (error) {
    const because = error instanceof ProvisioningError ? error.problem : unforeseen(request);
    end = { outcome: outcomeOf(because.code), change: null, resource: null, problem: withStateOfAzure(because, progress) };
  }
  progress.answered = true;
  progress.answering();
  const timing = { ...progress.timing, completedAt: context.df.currentUtcDateTime.toISOString() };
  const { requestId, requestSource, traceparent, ticket, replySessionId, instanceId } = request;
  const arm = { correlationRequestId: correlationIdOf(instanceId), operationId: progress.operationId, attempts: progress.attempts };
  const armState = progress.running ? (progress.armState ?? "Unknown") : progress.armState;
  const data = { requestId, requestSource, ...end, warnings: progress.warnings, diff: progress.diff, armState, arm, timing };
  return composeCompletion({
    id: `${instanceId}.completed`,
    target: progress.connection?.target ?? null,
    traceparent,
    ticket,
    replySessionId,
    data,
  });
}

/** Adds whether the change may still happen in Azure, and if the request was cancelled, whether nothing was changed. */
function withStateOfAzure(because: Problem, { running, mayHaveChanged }: Progress): Problem {
  const adding = (sentence: string) => ({ ...because, message: `${because.message} ${sentence}` });
  if (running) return adding("Azure may still be working on the change, which may still succeed or fail.");
  return because.code === "RequestCancelled" && !mayHaveChanged ? adding("Nothing was changed in Azure.") : because;
}

/** The message of an unexpected error may quote anything, so it is only in the app's log. */
function unforeseen({ instanceId }: ProvisioningRequest): Problem {
  return problem("InternalError", `The app failed unexpectedly. Its log has the error, under the instance ${instanceId}.`);
}
