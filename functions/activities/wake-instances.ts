import { durableClientOf } from "../durable/durable-client.ts";
import type { ActivityNamed } from "./activity.ts";

/**
 * Raises an event for each instance, in one step. Errors are ignored: an instance that has ended
 * needs no event, and one that misses its event looks at the lease again later.
 */
export const wakeInstances: ActivityNamed<"wakeInstances"> = async ({ instances }, _log, context) => {
  const client = durableClientOf(context);
  await Promise.allSettled(instances.map(({ instanceId, event }) => client.raiseEvent(instanceId, event, true)));
  return { ok: true };
};
