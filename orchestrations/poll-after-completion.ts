import { type Durable, now } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { pollUntilDone } from "./poll-until-done.ts";

/** How long the gateway is kept for a change whose requester has its answer already. */
const LONGEST_AFTER_ANSWER_MINUTES = 6 * 60;

/**
 * Keeps polling a change whose requester has its answer already, so that the gateway is not handed
 * on while Azure still works on it: until its end, or for six hours. A change that is not over by
 * then is noted as unsettled, for the next holder of the lease.
 */
export function* pollAfterCompletion(instance: Instance): Durable<void> {
  const { context, steps, retries, azure, connection } = instance;
  const { running } = azure;
  if (!running || !connection) return;
  retries.limitChange(LONGEST_AFTER_ANSWER_MINUTES);
  try {
    // The answer may have cut a wait short. The service must still not be called before its end.
    const left = (retries.notBefore - now(context)) / 1000;
    yield* pollUntilDone(instance, { ...running, retryAfterSeconds: left > 0 ? left : null });
    // The operation may be ahead of its connection.
    if (running.operationUrl !== null) yield* steps.verifyConnection(connection);
    azure.noteEnd();
  } catch {
    // Unless Azure said that it is over, it may still be working on it.
  }
  azure.noteUnsettled(azure.running ? [connection.target.connectionName] : []);
}
