import type { Change, Completion, CompletionData } from "../shared/contract/completion.ts";
import { composeCompletion } from "../shared/contract/compose.ts";
import { outcomeOf, type Problem, problem } from "../shared/contract/problem.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import { completionEventIdOf } from "../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { AzureState } from "./azure-state.ts";
import type { Durable } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { ProvisioningError } from "./provisioning-error.ts";

/** The result of a request that ended without a problem. */
export interface Success {
  readonly outcome?: "Succeeded" | "Planned";
  readonly change: Change | null;
  readonly resource: unknown;
}

/** Runs a request with `provision`, and returns its completion. Errors become problems of it. */
export function* runToCompletion(
  instance: Instance,
  request: ProvisioningRequest,
  { cancelled }: { readonly cancelled: boolean },
  provision: () => Durable<Success>,
): Durable<Completion> {
  const { context, azure, record } = instance;
  let end: Pick<CompletionData, "outcome" | "change" | "resource" | "problem">;
  try {
    if (cancelled) throw new ProvisioningError(problem("RequestCancelled", "The request was cancelled before it started."));
    const { outcome = "Succeeded", change, resource } = yield* provision();
    end = { outcome, change, resource, problem: null };
  } catch (error) {
    const because = error instanceof ProvisioningError ? error.problem : unforeseenProblemOf(request);
    end = { outcome: outcomeOf(because.code), change: null, resource: null, problem: addStateOfAzure(because, azure) };
  }
  instance.noteOutcome();
  const timing = { ...record.timing, completedAt: context.df.currentUtcDateTime.toISOString() };
  const { requestId, requestSource, traceparent, ticket, replySessionId, instanceId } = request;
  const arm = { correlationRequestId: correlationIdOf(instanceId), operationId: azure.operationId, attempts: record.attempts };
  const armState = azure.running ? (azure.armState ?? "Unknown") : azure.armState;
  const data = { requestId, requestSource, ...end, warnings: record.warnings, diff: record.diff, armState, arm, timing };
  const completion = composeCompletion({
    id: completionEventIdOf(instanceId),
    target: instance.connection?.target ?? null,
    traceparent,
    ticket,
    replySessionId,
    data,
  });
  return { ...completion, ...(instance.mode ? { mode: instance.mode } : {}), resubmissions: request.resubmissions ?? 0 };
}

/**
 * Adds whether the change may still happen in Azure. If the request was cancelled, adds whether
 * nothing was changed.
 */
function addStateOfAzure(because: Problem, { running, mayHaveChanged }: AzureState): Problem {
  const adding = (sentence: string) => ({ ...because, message: `${because.message} ${sentence}` });
  if (running) return adding("Azure may still be working on the change, which may still succeed or fail.");
  return because.code === "RequestCancelled" && !mayHaveChanged ? adding("Nothing was changed in Azure.") : because;
}

/**
 * Returns the problem of an unforeseen error. The error's message may contain secrets, so it is
 * left out.
 */
function unforeseenProblemOf({ instanceId }: ProvisioningRequest): Problem {
  return problem("InternalError", `The app failed unexpectedly. Its log has the error, under the instance ${instanceId}.`);
}
