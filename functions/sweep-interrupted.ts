import type { InvocationContext, Timer } from "@azure/functions";
import * as df from "durable-functions";
import type { Claim } from "../shared/claim.ts";
import { type AnswerInput, interruption, rejectionOf } from "../shared/contract/rejection.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { instanceStatus, parsedInput } from "./instance-status.ts";
import { logStepOf } from "./log-step.ts";
import { startAnswer } from "./start-answer.ts";

/** How far back the sweep looks, in days: an instance may wait a week for its gateway, change it for a day, and wait for a broker that is away. */
const LOOK_BACK_DAYS = 30;
const DAY_MS = 86_400_000;
/** The steps after which Azure may have begun. */
const begun = ["leaseGranted", "submitted", "polling", "provisioned", "verified"];
/** The orchestrations that owe somebody an answer. */
const answering = ["provisionVpnConnection", "cancelProvisioning", "answerMessage"];

/** Which instance is to give an answer that is missing, and what it is told. */
interface Owed {
  readonly instanceId: string;
  readonly input: AnswerInput;
}

/**
 * Finds instances that ended from outside the flow (terminated by an operator, failed in the host) without an answer that was sent, and has each answered:
 * with the answer that it had claimed before its end, or else as Interrupted.
 */
export function sweepInterrupted({ now }: { now: () => Date }) {
  return async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const client = df.getClient(context);
    const { Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
    const found = await client.getStatusBy({
      createdTimeFrom: new Date(now().getTime() - LOOK_BACK_DAYS * DAY_MS),
      runtimeStatus: [Failed, Terminated, Canceled],
    });
    for (const { instanceId, name } of found) {
      if (!answering.includes(name)) continue;
      // One instance that cannot be read must not keep the others from being answered.
      await answerFor(client, instanceId, context, now).catch((error: unknown) =>
        logStepOf(context)("unswept", { instanceId, error: error instanceof Error ? error.name : "unknown" }),
      );
    }
  };
}

async function answerFor(client: df.DurableClient, instanceId: string, context: InvocationContext, now: () => Date): Promise<void> {
  const status = await instanceStatus(client, instanceId);
  if (!status) return;
  const owed = status.name === "answerMessage" ? { instanceId, input: parsedInput(status) as AnswerInput } : interrupted(status, now());
  const { entityState } = await client.readEntityState<Claim>(new df.EntityId("completionClaim", owed.input.claimId));
  if (entityState?.sent) return;
  await startAnswer(client, owed.instanceId, owed.input);
  const { requestId } = owed.input.completion.event.data;
  logStepOf(context)("interrupted", { instanceId, requestId, status: status.runtimeStatus });
}

/** What a request is told that ended without a word of its own. */
function interrupted(status: df.DurableOrchestrationStatus, now: Date): Owed {
  const { instanceId } = status;
  const request = parsedInput(status) as ProvisioningRequest;
  const step = (status.customStatus as { step?: string } | null)?.step ?? "";
  const armState = begun.includes(step) ? "Unknown" : null;
  const completion = rejectionOf(`${instanceId}.completed`, request, interruption(armState), now, armState);
  return { instanceId: `${instanceId}.answer`, input: { claimId: instanceId, fingerprints: request.fingerprints, completion } };
}
