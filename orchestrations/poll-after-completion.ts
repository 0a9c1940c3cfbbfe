import { type Durable, now } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { pollUntilDone } from "./poll-until-done.ts";

/** How long the lease is kept for a change whose completion is already claimed. */
const LONGEST_AFTER_COMPLETION_MINUTES = 6 * 60;

/**
 * Polls a change whose completion is already claimed, until it is over or for six hours. So no
 * other request gets the lease while Azure is still working. If the change is not over after six
 * hours, the connection is noted as unsettled, for the next holder of the lease.
 */
export function* pollAfterCompletion(instance: Instance): Durable<void> {
  const { context, steps, retries, azure, connection } = instance;
  const { running } = azure;
  if (!running || !connection) return;
  retries.limitChange(LONGEST_AFTER_COMPLETION_MINUTES);
  try {
    // The completion may have ended a wait early, after a cancellation for example. Azure must
    // still not be called before its Retry-After has passed.
    const secondsLeft = (retries.notBefore - now(context)) / 1000;
    const verification = yield* pollUntilDone(instance, { ...running, retryAfterSeconds: secondsLeft > 0 ? secondsLeft : null });
    // The operation may be done before the connection shows its final state.
    yield* steps.verifyConnection(connection, verification);
    azure.noteEnd();
  } catch {
    // If Azure has not reported the end, it may still be working on the change.
  }
  azure.noteUnsettled(azure.running ? [connection.target.connectionName] : []);
}
