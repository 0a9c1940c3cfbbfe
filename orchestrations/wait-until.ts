import { problem } from "../shared/contract/problem.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import type { Retries } from "./retries.ts";

/** The name of the event that cancels a running request. */
export const cancelEvent = "cancelRequested";

/**
 * Waits with a durable timer: no compute runs meanwhile, and the wait survives the host. Returns
 * true if `event` was raised before `until` (in milliseconds since the Unix epoch), and false if
 * not. Throws ProvisioningError if the request is cancelled before its outcome is known.
 *
 * A timer may fire early, so it is set later than `until`: a wait must not be shorter than a
 * Retry-After.
 *
 * Each wait creates new tasks, because Azure schedules a task again if it is yielded twice
 * (https://github.com/Azure/azure-functions-durable-js/issues/574).
 */
export function* waitUntil(
  context: OrchestrationContext,
  { timersFireEarlySeconds, isCancellable }: Retries,
  until: number,
  event?: string,
  cancelled = "The request was cancelled.",
): Durable<boolean> {
  const names = [...(event === undefined ? [] : [event]), ...(isCancellable ? [cancelEvent] : [])];
  const timer = context.df.createTimer(new Date(until + timersFireEarlySeconds * 1000));
  if (names.length === 0) {
    yield timer;
    return false;
  }
  const events = names.map((name) => context.df.waitForExternalEvent(name));
  const first = yield context.df.Task.any([timer, ...events]);
  if (first === timer) return false;
  // An instance cannot end while one of its timers is pending.
  timer.cancel();
  if (names[events.indexOf(first)] === event) return true;
  throw new ProvisioningError(problem("RequestCancelled", cancelled));
}
