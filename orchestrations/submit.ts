import type { PutConnectionInput, PutConnectionResult } from "../functions/activities/put-connection.ts";
import type { Try } from "../functions/connection-input.ts";
import type { Before } from "../shared/durable/before.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { secondsToNextPoll } from "./poll-interval.ts";
import type { Progress } from "./progress.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { proxyActivities } from "./proxy-activities.ts";
import { wait } from "./wait.ts";

/** What came of handing a connection to Azure, once nobody else was in the way. */
export type Submission = Exclude<PutConnectionResult, { status: "blocked" }>;

const WAIT_WITHOUT_HINT_SECONDS = 30;

/**
 * Hands the desired connection to Azure. Where the gateway is busy with an operation that Azure names, that one is polled to its end first, within the
 * budget for busy gateways and the deadline; throws ProvisioningError when either is used up.
 */
export function* submit(
  context: OrchestrationContext,
  progress: Progress,
  input: Omit<PutConnectionInput, keyof Try>,
): Durable<Submission> {
  const { putConnection, pollOperation } = proxyActivities(context, progress);
  const giveUpAt = Math.min(now(context) + progress.budgets.busy.seconds * 1000, progress.deadlineAt);
  const { instanceId, target, sealed } = input;
  let before: Before | undefined;
  for (;;) {
    const submission = yield* settledOrUnknown(progress, putConnection({ ...input, ...(before ? { before } : {}) }));
    if (submission.status !== "blocked") return submission;
    before ??= submission.before;
    const { operationUrl, problem } = submission;
    let { retryAfterSeconds } = submission;
    const blockedAt = now(context);
    for (let over = false; !over; ) {
      const seconds = secondsToNextPoll(retryAfterSeconds, {
        waitedSeconds: (now(context) - blockedAt) / 1000,
        otherwise: WAIT_WITHOUT_HINT_SECONDS,
        seed: `${instanceId}/blocked/${now(context)}`,
      });
      const nextAt = now(context) + seconds * 1000;
      if (nextAt > giveUpAt) throw new ProvisioningError(problem);
      yield* wait(context, progress, nextAt);
      const poll = yield* pollOperation({ instanceId, target, sealed, operationUrl, ofAnother: true });
      over = poll.done || poll.forgotten === true || poll.superseded === true;
      retryAfterSeconds = poll.retryAfterSeconds;
    }
  }
}

/** After a failure that nobody foresaw, whether there was a PUT is unknown: until the connection was read, Azure may be working on it. */
function* settledOrUnknown<T>(progress: Progress, put: Durable<T>): Durable<T> {
  try {
    return yield* put;
  } catch (error) {
    if (!(error instanceof ProvisioningError)) {
      progress.running = { operationUrl: null };
      progress.mayHaveChanged = true;
    }
    throw error;
  }
}
