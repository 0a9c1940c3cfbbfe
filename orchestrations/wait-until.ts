import { problem } from "../shared/contract/problem.ts";
import type { Durable, OrchestrationContext } from "./durable.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import type { Retries } from "./retries.ts";

/** The event by which a cancellation reaches a running request. */
export const cancelEvent = "cancelRequested";

/**
 * Waits on a durable timer: no compute runs, and the wait outlives the host. Returns whether `event`
 * was raised before `until` (milliseconds since the Unix epoch). Throws ProvisioningError if the
 * request is cancelled before its outcome is known.
 *
 * A timer may fire early, so it is set later than the time that is waited for: no wait ends before
 * its time, which a service may have asked for.
 *
 * Each wait creates its own tasks: a task that is waited for again is scheduled again in Azure
 * (https://github.com/Azure/azure-functions-durable-js/issues/574).
 */
export function* waitUntil(
  context: OrchestrationContext,
  { timersFireEarlySeconds, isCancellable }: Retries,
  until: number,
  event?: string,
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
  // An instance does not end before its timers do.
  timer.cancel();
  if (names[events.indexOf(first)] === event) return true;
  throw new ProvisioningError(problem("RequestCancelled", "The request was cancelled while it was being carried out."));
}
