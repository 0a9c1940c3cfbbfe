import type { InvocationContext, Timer } from "@azure/functions";
import * as df from "durable-functions";
import { interruption, rejectionOf } from "../../shared/contract/rejection.ts";
import type { AnswerInput } from "../../shared/durable/answer.ts";
import type { Claim } from "../../shared/durable/claim.ts";
import { answerInstanceIdOf, completionEventIdOf, requestInstanceIdOf } from "../../shared/durable/instance-id.ts";
import { entities, orchestrations } from "../../shared/durable/names.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import { type DurableClient, durableClientOf } from "../durable/durable-client.ts";
import { hasEnded, parseInput, readInstanceStatus } from "../durable/instance-status.ts";
import { type LogStep, logStepOf } from "../durable/log-step.ts";
import { startPublisher } from "../durable/start-publisher.ts";
import { endStuckInstances } from "./end-stuck-instances.ts";

/** How far back the sweep looks, in days: an instance may wait a week for its gateway, change it for a day, and wait for a broker that is away. */
const LOOK_BACK_DAYS = 30;
const DAY_MS = 86_400_000;
/** The steps after which Azure may have begun the change. */
const stepsAfterLease = ["leaseGranted", "submitted", "polling", "provisioned", "verified"];
/** The orchestrations that owe somebody an answer. */
const publishingOrchestrations: readonly string[] = Object.values(orchestrations);

/** Which instance is to give an answer that is missing, and what it is told. */
interface MissingCompletion {
  readonly instanceId: string;
  readonly input: AnswerInput;
}

/**
 * Finds instances that ended from outside the flow (terminated by an operator, failed in the host) without an answer that was sent, and has each answered:
 * with the answer that it had claimed before its end, or else as Interrupted. Ends instances that are stuck. What was found answered is not read again in
 * this process.
 */
export function sweepInterrupted({ now }: { now: () => Date }) {
  let answered: ReadonlySet<string> = new Set();
  return async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const client = durableClientOf(context);
    const log = logStepOf(context);
    const { Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
    const createdTimeFrom = new Date(now().getTime() - LOOK_BACK_DAYS * DAY_MS);
    const found = await client.getStatusBy({ createdTimeFrom, runtimeStatus: [Failed, Terminated, Canceled] });
    // Only what is listed now is remembered, so that the set does not grow for ever.
    const still = new Set<string>();
    for (const { instanceId, name, createdTime } of found) {
      if (!publishingOrchestrations.includes(name)) continue;
      // Another instance may have taken the place of one that was answered.
      const key = `${instanceId} ${createdTime}`;
      try {
        const claim = answered.has(key) ? undefined : await claimOf(client, instanceId);
        if (answered.has(key) || claim?.sent) still.add(key);
        else await publishMissing(client, instanceId, claim, log, now());
      } catch (error) {
        // One instance that cannot be read must not keep the others from being answered.
        log("unswept", { instanceId, error: error instanceof Error ? error.name : "unknown" });
      }
    }
    answered = still;
    await endStuckInstances(client, log, now(), createdTimeFrom);
  };
}

async function claimOf(client: DurableClient, instanceId: string): Promise<Claim | undefined> {
  const claim = new df.EntityId(entities.claim, requestInstanceIdOf(instanceId));
  return (await client.readEntityState<Claim>(claim)).entityState;
}

async function publishMissing(client: DurableClient, instanceId: string, claim: Claim | undefined, log: LogStep, now: Date): Promise<void> {
  const status = await readInstanceStatus(client, instanceId);
  // Another one may have begun in its place meanwhile.
  if (!status || !hasEnded(status)) return;
  const missing =
    status.name === orchestrations.answer
      ? { instanceId, input: parseInput(status) as AnswerInput }
      : missingCompletionOf(status, claim, now);
  await startPublisher(client, missing.instanceId, missing.input);
  const { requestId } = missing.input.completion.event.data;
  log("interrupted", { instanceId, requestId, status: status.runtimeStatus });
}

/**
 * What a request is told that ended without a word of its own. The claim knows who asked: of two
 * starts at once the status may show the input of the one that did not run.
 */
function missingCompletionOf(status: df.DurableOrchestrationStatus, claim: Claim | undefined, now: Date): MissingCompletion {
  const { instanceId } = status;
  const request = parseInput(status) as ProvisioningRequest;
  const step = (status.customStatus as { step?: string } | null)?.step ?? "";
  const armState = stepsAfterLease.includes(step) ? "Unknown" : null;
  const completion = rejectionOf(completionEventIdOf(instanceId), claim?.asked ?? request, interruption(armState), now, armState);
  const fingerprints = claim?.asked ? claim.fingerprints : request.fingerprints;
  return { instanceId: answerInstanceIdOf(instanceId), input: { claimId: instanceId, fingerprints, completion } };
}
