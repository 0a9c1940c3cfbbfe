import * as df from "durable-functions";
import { durableClient } from "../durable/durable-client.ts";
import { hasEnded, instanceStatus } from "../durable/instance-status.ts";
import type { Activity } from "./without-secrets.ts";

export interface InspectInstanceInput {
  readonly instanceId: string;
  /** The event to raise when the instance is alive; null only looks. */
  readonly event: string | null;
}

/** How an instance is: one that is suspended is alive, and does nothing until an operator resumes it. */
export interface InspectedInstance {
  readonly alive: boolean;
  readonly suspended?: true;
}

/** Says whether an instance is still on its way, and raises an event for it if so. */
export const inspectInstance: Activity<InspectInstanceInput, InspectedInstance> = async ({ instanceId, event }, log, context) => {
  const status = await instanceStatus(durableClient(context), instanceId, false);
  if (!status || hasEnded(status)) return { ok: { alive: false } };
  if (event !== null) await durableClient(context).raiseEvent(instanceId, event, true);
  if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Suspended) return { ok: { alive: true } };
  // Operators alert on this line: others may wait for what the instance holds.
  log("suspended", { instanceId });
  return { ok: { alive: true, suspended: true } };
};
