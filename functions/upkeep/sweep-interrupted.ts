import type { InvocationContext, Timer } from "@azure/functions";
import * as df from "durable-functions";
import { interruption, rejectionOf } from "../../shared/contract/rejection.ts";
import type { AnswerInput } from "../../shared/durable/answer.ts";
import type { Claim } from "../../shared/durable/claim.ts";
import { answerInstanceIdOf, completionEventIdOf, requestInstanceIdOf } from "../../shared/durable/instance-id.ts";
import { entities, orchestrations } from "../../shared/durable/names.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import { type DurableClient, durableClientOf } from "../durable/durable-client.ts";
import { hasEnded, parseInput, readInstanceStatus } from "../durable/instance-status.ts";
import { namesInCompletion } from "../durable/log-names.ts";
import { logStepOf } from "../durable/log-step.ts";
import { startPublisher } from "../durable/start-publisher.ts";
import { endStuckInstances } from "./end-stuck-instances.ts";
import { progressOf } from "./progress.ts";

/**
 * How old an instance may be that the sweep looks at, in days. An instance may wait a week for its
 * gateway, change it for a day, and wait for a broker that is not available.
 */
const LOOK_BACK_DAYS = 30;
const DAY_MS = 86_400_000;
/** If an instance ended in one of these steps, Azure may have begun the change. */
const stepsAfterLease = ["leaseGranted", "submitted", "polling", "provisioned", "verified"];
/** The orchestrations that must publish a completion. */
const publishingOrchestrations: readonly string[] = Object.values(orchestrations);

/**
 * A completion that is missing: the instance that must publish it, and the input of this instance.
 */
interface MissingCompletion {
  readonly instanceId: string;
  readonly input: AnswerInput;
}

/**
 * Finds instances that were ended from outside (terminated by an operator, failed in the host)
 * before their completion was sent. Publishes the completion that the instance had claimed, or else
 * the problem Interrupted. Also ends stuck instances. Instances whose completion was sent are
 * remembered in this process, and not read again.
 */
export function sweepInterrupted({ now }: { now: () => Date }) {
  let completed: ReadonlySet<string> = new Set();
  return async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const client = durableClientOf(context);
    const log = logStepOf(context);
    const { Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
    const createdTimeFrom = new Date(now().getTime() - LOOK_BACK_DAYS * DAY_MS);
    const found = await client.getStatusBy({ createdTimeFrom, runtimeStatus: [Failed, Terminated, Canceled] });
    // Only instances of this list are remembered, so that the set does not grow for ever.
    const stillCompleted = new Set<string>();
    const counts = { found: 0, answered: 0, failed: 0 };
    for (const { instanceId, name, createdTime } of found) {
      if (!publishingOrchestrations.includes(name)) continue;
      // Another instance may have run under the same id, so the start time is part of the entry.
      const run = `${instanceId} ${createdTime}`;
      try {
        const claim = completed.has(run) ? undefined : await readClaim(client, instanceId);
        if (completed.has(run) || claim?.sent) {
          stillCompleted.add(run);
          continue;
        }
        if (await publishMissingCompletion(client, instanceId, claim, log, now())) counts.answered++;
      } catch (error) {
        counts.failed++;
        // If one instance cannot be read, the sweep continues with the others.
        log("unswept", { instanceId, error: error instanceof Error ? error.name : "unknown" });
      }
      counts.found++;
    }
    completed = stillCompleted;
    await endStuckInstances(client, log, now(), createdTimeFrom);
    // Operators have an alert for a sweep that does not come, so it is logged with nothing to do.
    log("swept", counts);
  };
}

async function readClaim(client: DurableClient, instanceId: string): Promise<Claim | undefined> {
  const claim = new df.EntityId(entities.request, requestInstanceIdOf(instanceId));
  return (await client.readEntityState<Claim>(claim)).entityState;
}

/** Returns false if nothing is missing any more. */
async function publishMissingCompletion(
  client: DurableClient,
  instanceId: string,
  claim: Claim | undefined,
  log: WriteStep,
  now: Date,
): Promise<boolean> {
  const status = await readInstanceStatus(client, instanceId);
  // Meanwhile a new instance may have started under the same id.
  if (!status || !hasEnded(status)) return false;
  const missing =
    status.name === orchestrations.answer
      ? { instanceId, input: parseInput(status) as AnswerInput }
      : missingCompletionOf(status, claim, now);
  await startPublisher(client, missing.instanceId, missing.input);
  log("interrupted", { instanceId, ...namesInCompletion(missing.input.completion), runtimeStatus: status.runtimeStatus });
  return true;
}

/**
 * Returns the completion for a request whose instance ended before it published one. The requester
 * is read from the claim: if two starts happened at the same time, the status may show the input of
 * the start that did not run.
 */
function missingCompletionOf(status: df.DurableOrchestrationStatus, claim: Claim | undefined, now: Date): MissingCompletion {
  const { instanceId } = status;
  const request = parseInput(status) as ProvisioningRequest;
  const step = (status.customStatus as { step?: string } | null)?.step ?? "";
  const armState = stepsAfterLease.includes(step) ? "Unknown" : null;
  const completion = rejectionOf(
    completionEventIdOf(instanceId),
    claim?.asked ?? request,
    interruption(armState),
    now,
    armState,
    progressOf(status.customStatus),
  );
  const fingerprints = claim?.asked ? claim.fingerprints : request.fingerprints;
  return { instanceId: answerInstanceIdOf(instanceId), input: { claimId: instanceId, fingerprints, completion } };
}
