import type { InvocationContext, Timer } from "@azure/functions";
import * as df from "durable-functions";
import type { Claim } from "../shared/claim.ts";
import { rejectionOf } from "../shared/contract/rejection.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { problem } from "../shared/problem.ts";
import { instanceStatus, parsedInput } from "./instance-status.ts";
import { logStepOf } from "./log-step.ts";
import { startAnswer } from "./start-answer.ts";

/** How far back the sweep looks, in days: what is older was swept long ago. */
const LOOK_BACK_DAYS = 7;
const DAY_MS = 86_400_000;
/** The steps after which Azure may have begun. */
const begun = ["leaseGranted", "submitted", "polling", "provisioned", "verified"];

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
      if (name === "provisionVpnConnection" || name === "cancelProvisioning") await answerFor(client, instanceId, context, now);
    }
  };
}

async function answerFor(client: df.DurableClient, instanceId: string, context: InvocationContext, now: () => Date): Promise<void> {
  const { entityState } = await client.readEntityState<Claim>(new df.EntityId("completionClaim", instanceId));
  if (entityState?.sent) return;
  const status = await instanceStatus(client, instanceId);
  if (!status) return;
  const request = parsedInput(status) as ProvisioningRequest;
  const step = (status.customStatus as { step?: string } | null)?.step ?? "";
  const armState = begun.includes(step) ? "Unknown" : null;
  const text = "The request was ended from outside before it had its answer.";
  const because = problem("Interrupted", armState ? `${text} Azure may have begun the change, and it may still happen there.` : text);
  const completion = rejectionOf(`${instanceId}.completed`, request, because, now(), armState);
  const { fingerprints } = request;
  await startAnswer(client, `${instanceId}.interrupted`, { claimId: instanceId, fingerprints, completion });
  logStepOf(context)("interrupted", { instanceId, requestId: request.requestId, status: status.runtimeStatus });
}
