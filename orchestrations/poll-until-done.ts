import type { ConnectionInput } from "../functions/connection-input.ts";
import type { RunningOperation } from "../functions/put-connection.ts";
import { ProvisioningError, problem } from "../shared/problem.ts";
import { type Durable, now, type OrchestrationContext, waitUntil } from "./durable.ts";
import type { Progress } from "./progress.ts";
import { proxyActivities } from "./proxy-activities.ts";

const WAIT_WITHOUT_HINT_SECONDS = 5;
const LONGEST_OWN_WAIT_SECONDS = 15 * 60;

/**
 * Waits until the operation has succeeded: one status request an activity, durable timers between them. The next poll comes after the service's
 * Retry-After, never sooner, and after a tenth of the time waited so far where that is longer (15 minutes at most), which bounds the history.
 * Throws ProvisioningError when the operation fails or the deadline passes.
 */
export function* pollUntilDone(
  context: OrchestrationContext,
  progress: Progress,
  operation: RunningOperation,
  connection: ConnectionInput,
): Durable<void> {
  const { pollOperation } = proxyActivities(context, progress);
  const startedAt = now(context);
  let { operationUrl, retryAfterSeconds } = operation;
  for (;;) {
    const waited = (now(context) - startedAt) / 1000;
    const seconds = Math.max(retryAfterSeconds ?? WAIT_WITHOUT_HINT_SECONDS, Math.min(waited / 10, LONGEST_OWN_WAIT_SECONDS));
    progress.polling(seconds);
    yield* waitOrGiveUp(context, progress, now(context) + seconds * 1000);
    const poll = yield* pollOperation({ ...connection, operationUrl });
    progress.timing.polls++;
    progress.armState = poll.armState;
    if (poll.done) return progress.provisioned();
    // The service forgets operations; what became of this one is then read from the resource itself.
    if (poll.forgotten) operationUrl = null;
    retryAfterSeconds = poll.retryAfterSeconds;
  }
}

function* waitOrGiveUp(context: OrchestrationContext, progress: Progress, nextAt: number): Durable<void> {
  yield* waitUntil(context, Math.min(nextAt, progress.deadlineAt));
  if (nextAt <= progress.deadlineAt) return;
  throw new ProvisioningError(
    problem(
      "OperationDeadlineExceeded",
      "The deadline passed while Azure was still working; the operation goes on there and may still change the connection.",
    ),
  );
}
