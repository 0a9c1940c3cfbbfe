import type { BlockingOperation, PutConnectionInput, Submission, Try } from "../shared/durable/activities.ts";
import type { Before } from "../shared/durable/before.ts";
import { type Durable, now } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { secondsToNextPoll } from "./poll-interval.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { waitUntil } from "./wait-until.ts";

const WAIT_WITHOUT_HINT_SECONDS = 30;

/**
 * Sends the desired connection to Azure. If another operation keeps the gateway busy and Azure
 * gives its URL, polls that operation until it ends, and then tries again. Throws ProvisioningError
 * if the budget for busy gateways is used up or the deadline passes.
 */
export function* submitConnection(instance: Instance, input: Omit<PutConnectionInput, keyof Try>): Durable<Submission> {
  const { context, steps, retries } = instance;
  const giveUpAt = Math.min(now(context) + retries.budgets.busy.seconds * 1000, retries.deadlineAt);
  let before: Before | undefined;
  for (;;) {
    const submission = yield* putAndNoteFailure(instance, steps.putConnection({ ...input, ...(before ? { before } : {}) }));
    if (submission.status !== "blocked") return submission;
    before ??= submission.before;
    yield* pollBlockingOperation(instance, input, submission, giveUpAt);
  }
}

/** Polls another request's operation until it ends. */
function* pollBlockingOperation(
  { context, steps, retries }: Instance,
  { instanceId, requestId, ticketId, target, traceparent, sealed }: Omit<PutConnectionInput, keyof Try>,
  { operationUrl, retryAfterSeconds: firstWait, problem }: BlockingOperation,
  giveUpAt: number,
): Durable<void> {
  const about = { instanceId, requestId, ticketId, target, sealed, ...(traceparent ? { traceparent } : {}) };
  const blockedAt = now(context);
  let retryAfterSeconds = firstWait;
  for (;;) {
    const seconds = secondsToNextPoll(retryAfterSeconds, {
      waitedSeconds: (now(context) - blockedAt) / 1000,
      defaultSeconds: WAIT_WITHOUT_HINT_SECONDS,
      seed: `${instanceId}/blocked/${now(context)}`,
    });
    const nextAt = now(context) + seconds * 1000;
    if (nextAt > giveUpAt) throw new ProvisioningError(problem);
    yield* waitUntil(context, retries, nextAt);
    const poll = yield* steps.pollOperation({ ...about, operationUrl, ofAnother: true });
    if (poll.done || poll.forgotten || poll.superseded) return;
    retryAfterSeconds = poll.retryAfterSeconds;
  }
}

/**
 * Runs the PUT. After an unforeseen error, notes that Azure may be working on it: the PUT may have
 * been sent.
 */
function* putAndNoteFailure<T>({ azure }: Instance, put: Durable<T>): Durable<T> {
  try {
    return yield* put;
  } catch (error) {
    if (!(error instanceof ProvisioningError)) azure.noteRunning(null);
    throw error;
  }
}
