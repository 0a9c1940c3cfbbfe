import * as df from "durable-functions";
import { isAlive } from "./instance-status.ts";
import type { Activity } from "./settle.ts";

export interface InspectInstanceInput {
  readonly instanceId: string;
  /** The event to raise when the instance is alive; null only looks. */
  readonly event: string | null;
}

/** Says whether an instance is still on its way, and raises an event for it if so. */
export const inspectInstance: Activity<InspectInstanceInput, { alive: boolean }> = async ({ instanceId, event }, _log, context) => {
  if (!(await isAlive(context, instanceId))) return { ok: { alive: false } };
  if (event !== null) await df.getClient(context).raiseEvent(instanceId, event, true);
  return { ok: { alive: true } };
};
