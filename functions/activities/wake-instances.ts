import { durableClient } from "../durable/durable-client.ts";
import type { Activity } from "./without-secrets.ts";

export interface WakeInstancesInput {
  readonly instances: readonly { readonly instanceId: string; readonly event: string }[];
}

/**
 * Raises an event for each of many instances, in one step however many they are. One that has ended
 * needs none, and one that cannot be told now looks again by itself.
 */
export const wakeInstances: Activity<WakeInstancesInput, true> = async ({ instances }, _log, context) => {
  const client = durableClient(context);
  await Promise.allSettled(instances.map(({ instanceId, event }) => client.raiseEvent(instanceId, event, true)));
  return { ok: true };
};
