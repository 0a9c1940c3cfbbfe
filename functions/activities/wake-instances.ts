import { durableClientOf } from "../durable/durable-client.ts";
import type { ActivityNamed } from "./activity.ts";

/**
 * Raises an event for each of many instances, in one step however many they are. One that has ended
 * needs none, and one that cannot be told now looks again by itself.
 */
export const wakeInstances: ActivityNamed<"wakeInstances"> = async ({ instances }, _log, context) => {
  const client = durableClientOf(context);
  await Promise.allSettled(instances.map(({ instanceId, event }) => client.raiseEvent(instanceId, event, true)));
  return { ok: true };
};
