import type { RunningOperation } from "../functions/activities/put-connection.ts";
import type { ConnectionInput } from "../functions/connection-input.ts";
import type { VpnConnection } from "../shared/contract/connection.ts";
import { problem } from "../shared/contract/problem.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { secondsToNextPoll } from "./poll-interval.ts";
import type { Progress } from "./progress.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { proxyActivities } from "./proxy-activities.ts";
import { wait } from "./wait.ts";

const WAIT_WITHOUT_HINT_SECONDS = 5;
/** How long the gateway is kept for a change whose requester has its answer already. */
const LONGEST_AFTER_ANSWER_MS = 6 * 3_600_000;

/**
 * Waits until the operation has succeeded: one status request an activity, durable timers between them. The next poll comes after the service's
 * Retry-After, never sooner, and after a tenth of the time waited so far where that is longer (15 minutes at most), which bounds the history.
 * Throws ProvisioningError when the operation fails, the request is cancelled or the deadline passes.
 */
export function* pollUntilDone(
  context: OrchestrationContext,
  progress: Progress,
  operation: Pick<RunningOperation, "operationUrl" | "retryAfterSeconds">,
): Durable<void> {
  const { pollOperation } = proxyActivities(context, progress);
  const connection = connectionOf(progress);
  const startedAt = progress.timing.submittedAt === null ? now(context) : Date.parse(progress.timing.submittedAt);
  let { operationUrl, retryAfterSeconds } = operation;
  for (;;) {
    const seconds = secondsToNextPoll(retryAfterSeconds, {
      waitedSeconds: (now(context) - startedAt) / 1000,
      otherwise: WAIT_WITHOUT_HINT_SECONDS,
      seed: `${context.df.instanceId}/poll/${progress.timing.polls}`,
    });
    if (retryAfterSeconds !== null) progress.notBefore = now(context) + retryAfterSeconds * 1000;
    progress.polling(seconds);
    yield* waitOrGiveUp(context, progress, now(context) + seconds * 1000);
    const poll = yield* pollOperation({ ...connection, operationUrl });
    progress.timing.polls++;
    progress.armState = poll.armState;
    if (poll.done) return progress.provisioned();
    // The service forgets operations; what became of this one is then read from the resource itself.
    if (poll.forgotten || poll.superseded) {
      progress.superseded ||= poll.superseded === true;
      operationUrl = null;
      progress.running = { operationUrl };
    }
    retryAfterSeconds = poll.retryAfterSeconds;
  }
}

/** Reads the connection back when Azure is done with it; answers it as the service shows it. */
export function* verify(context: OrchestrationContext, progress: Progress, desired: VpnConnection): Durable<unknown> {
  const { verifyConnection } = proxyActivities(context, progress);
  const resource = yield* verifyConnection({ ...connectionOf(progress), ...(progress.superseded ? { desired } : {}) });
  return progress.verified(resource);
}

function connectionOf({ connection }: Progress): ConnectionInput {
  if (!connection) throw new Error("Nothing is polled before the request is valid");
  return connection;
}

/**
 * Keeps polling a change whose requester has its answer already, so that the gateway is not handed on while Azure still works on it: until its end, or six
 * hours. What is not over by then is noted as unsettled, for the next holder of the lease.
 */
export function* pollToTheEnd(context: OrchestrationContext, progress: Progress): Durable<void> {
  const { running, connection } = progress;
  if (!running || !connection) return;
  progress.deadlineAt = now(context) + LONGEST_AFTER_ANSWER_MS;
  try {
    // A wait that the answer has cut short is not over for the service.
    const left = (progress.notBefore - now(context)) / 1000;
    yield* pollUntilDone(context, progress, { ...running, retryAfterSeconds: left > 0 ? left : null });
    // The operation may be ahead of its connection.
    if (running.operationUrl !== null) yield* proxyActivities(context, progress).verifyConnection(connection);
    progress.running = null;
  } catch {
    // Unless Azure said that it is over, it may still be working on it.
  }
  progress.unsettled = progress.running ? [connection.target.connectionName] : [];
}

function* waitOrGiveUp(context: OrchestrationContext, progress: Progress, nextAt: number): Durable<void> {
  yield* wait(context, progress, Math.min(nextAt, progress.deadlineAt));
  if (nextAt <= progress.deadlineAt) return;
  throw new ProvisioningError(problem("OperationDeadlineExceeded", "The deadline passed before Azure finished the change."));
}
