import * as df from "durable-functions";
import { durableClientOf } from "../durable/durable-client.ts";
import { hasEnded, readInstanceStatus } from "../durable/instance-status.ts";
import type { ActivityNamed } from "./activity.ts";

/** Returns whether an instance is alive. If it is, raises the given event for it. */
export const inspectInstance: ActivityNamed<"inspectInstance"> = async ({ instanceId, event }, log, context) => {
  const status = await readInstanceStatus(durableClientOf(context), instanceId, false);
  if (!status || hasEnded(status)) return { ok: { alive: false } };
  if (event !== null) await durableClientOf(context).raiseEvent(instanceId, event, true);
  if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Suspended) return { ok: { alive: true } };
  // Operators can alert on this line: other requests may wait for a gateway that this instance
  // holds.
  log("suspended", { instanceId });
  return { ok: { alive: true, suspended: true } };
};
