import type { VpnConnection } from "../shared/contract/connection.ts";
import { problem } from "../shared/contract/problem.ts";
import type { ConnectionInput, RunningOperation, Verification } from "../shared/durable/activities.ts";
import { type Durable, now } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { secondsToNextPoll } from "./poll-interval.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { waitUntil } from "./wait-until.ts";

const WAIT_WITHOUT_HINT_SECONDS = 5;

/**
 * Polls until the operation has succeeded. Each poll is one activity, with a durable timer before
 * it. Returns the read of the connection that the last poll has made. It is compared with `desired`
 * if Azure replaced the operation by another one. Throws ProvisioningError if the operation fails,
 * the request is cancelled or the deadline passes.
 */
export function* pollUntilDone(
  instance: Instance,
  operation: Pick<RunningOperation, "operationUrl" | "retryAfterSeconds">,
  desired?: VpnConnection,
): Durable<Verification> {
  const { context, steps, retries, azure, record } = instance;
  const { submittedAt } = record.timing;
  const startedAt = submittedAt === null ? now(context) : Date.parse(submittedAt);
  let { operationUrl, retryAfterSeconds } = operation;
  let wasForgotten = false;
  for (;;) {
    const { polls } = record.timing;
    const waitSeconds = secondsToNextPoll(retryAfterSeconds, {
      waitedSeconds: (now(context) - startedAt) / 1000,
      defaultSeconds: WAIT_WITHOUT_HINT_SECONDS,
      seed: `${context.df.instanceId}/poll/${polls}`,
    });
    if (retryAfterSeconds !== null) retries.postpone(now(context) + retryAfterSeconds * 1000);
    record.show("polling", { polls, waitSeconds });
    yield* waitOrGiveUp(instance, now(context) + waitSeconds * 1000);
    const compared = azure.superseded && desired ? { desired } : {};
    const poll = yield* steps.pollOperation({ ...connectionIn(instance), operationUrl, ...compared });
    record.countPoll();
    azure.notePoll(poll);
    if (poll.verification) {
      instance.noteOperationEnd();
      return poll.verification;
    }
    // Azure forgets operations after some time. Then the connection itself is polled. One 404
    // proves nothing, because a replica of Resource Manager may not know a new operation yet.
    if (poll.superseded || (poll.forgotten && wasForgotten)) operationUrl = null;
    wasForgotten = poll.forgotten === true;
    retryAfterSeconds = poll.retryAfterSeconds;
  }
}

/** Returns the connection of a valid request. */
export function connectionIn({ connection }: Instance): ConnectionInput {
  if (!connection) throw new Error("The request was not validated yet");
  return connection;
}

function* waitOrGiveUp({ context, retries }: Instance, nextAt: number): Durable<void> {
  yield* waitUntil(context, retries, Math.min(nextAt, retries.deadlineAt));
  if (nextAt <= retries.deadlineAt) return;
  throw new ProvisioningError(problem("OperationDeadlineExceeded", "The deadline passed before Azure finished the change."));
}
