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
    if (cancelled) throw new ProvisioningError(problem("RequestCancelled", "The request was cancelled before it began."));
    const { outcome = "Succeeded", change, resource } = yield* provision();
    end = { outcome, change, resource, problem: null };
  } catch (error) {
    const because = error instanceof ProvisioningError ? error.problem : unforeseenProblemOf(request);
    end = { outcome: outcomeOf(because.code), change: null, resource: null, problem: addOpenEnd(because, azure) };
  }
  instance.noteOutcome();
  const timing = { ...record.timing, completedAt: context.df.currentUtcDateTime.toISOString() };
  const { requestId, requestSource, traceparent, ticket, replySessionId, instanceId } = request;
  const arm = { correlationRequestId: correlationIdOf(instanceId), operationId: azure.operationId, attempts: record.attempts };
  const armState = azure.running ? (azure.armState ?? "Unknown") : azure.armState;
  const data = { requestId, requestSource, ...end, warnings: record.warnings, diff: record.diff, armState, arm, timing };
  return composeCompletion({
    id: completionEventIdOf(instanceId),
    target: instance.connection?.target ?? null,
    traceparent,
    ticket,
    replySessionId,
    data,
  });
}

/** If Azure may not have finished, adds to the problem that the change may still happen. */
function addOpenEnd(because: Problem, { running }: AzureState): Problem {
  if (!running) return because;
  return { ...because, message: `${because.message} Azure may still be working on the change: it may yet succeed or fail there.` };
}

/**
 * Returns the problem of an unforeseen error. The error's message may contain secrets, so it is
 * left out.
 */
function unforeseenProblemOf({ instanceId }: ProvisioningRequest): Problem {
  return problem("InternalError", `The app failed in a way it does not know. The log of instance ${instanceId} has the error.`);
}
