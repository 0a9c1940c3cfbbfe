import * as df from "durable-functions";
import { durableClientOf } from "../durable/durable-client.ts";
import { hasEnded, readInstanceStatus } from "../durable/instance-status.ts";
import type { ActivityNamed } from "./activity.ts";

/** Says whether an instance is still on its way, and raises an event for it if so. */
export const inspectInstance: ActivityNamed<"inspectInstance"> = async ({ instanceId, event }, log, context) => {
  const status = await readInstanceStatus(durableClientOf(context), instanceId, false);
  if (!status || hasEnded(status)) return { ok: { alive: false } };
  if (event !== null) await durableClientOf(context).raiseEvent(instanceId, event, true);
  if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Suspended) return { ok: { alive: true } };
  // Operators alert on this line: others may wait for what the instance holds.
  log("suspended", { instanceId });
  return { ok: { alive: true, suspended: true } };
};
