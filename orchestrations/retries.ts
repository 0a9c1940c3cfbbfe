import { type Policy, TIMERS_FIRE_EARLY_SECONDS } from "../shared/policy.ts";
import { now, type OrchestrationContext } from "./durable.ts";

const MINUTE_MS = 60_000;

/**
 * How long the steps of an instance may be retried. Times are in milliseconds since the Unix epoch.
 */
export interface Retries {
  readonly budgets: Policy["budgets"];
  /** How early a timer may fire. */
  readonly timersFireEarlySeconds: number;
  /**
   * The deadline of the wait for the gateway. After the lease is granted, the deadline of the
   * change.
   */
  readonly deadlineAt: number;
  readonly deadlineCode: "QueueDeadlineExceeded" | "OperationDeadlineExceeded";
  /** Azure must not be called before this time, because of its Retry-After. */
  readonly notBefore: number;
  /** False after the outcome is known: then a cancellation is too late. */
  readonly isCancellable: boolean;
  /** Starts the time that the request may wait for its gateway. */
  limitQueueing(minutes: number): void;
  /** Starts the time that the change may take. */
  limitChange(minutes: number): void;
  /** Sets `notBefore`. */
  postpone(until: number): void;
  /** Sets `isCancellable` to false. */
  endCancellation(): void;
  /** Counts a try of an activity and returns its number, from 1. */
  countTry(activity: string): number;
}

/** Returns the retries of a request, with the queue deadline of its policy. */
export function openRetries(context: OrchestrationContext, policy: Policy): Retries {
  const tries: Record<string, number> = {};
  let deadlineAt = now(context) + policy.queueDeadlineMinutes * MINUTE_MS;
  let deadlineCode: Retries["deadlineCode"] = "QueueDeadlineExceeded";
  let notBefore = 0;
  let isCancellable = true;
  return {
    budgets: policy.budgets,
    timersFireEarlySeconds: policy.timersFireEarlySeconds,
    get deadlineAt() {
      return deadlineAt;
    },
    get deadlineCode() {
      return deadlineCode;
    },
    get notBefore() {
      return notBefore;
    },
    get isCancellable() {
      return isCancellable;
    },
    limitQueueing(minutes) {
      deadlineAt = now(context) + minutes * MINUTE_MS;
    },
    limitChange(minutes) {
      deadlineAt = now(context) + minutes * MINUTE_MS;
      deadlineCode = "OperationDeadlineExceeded";
    },
    postpone(until) {
      notBefore = until;
    },
    endCancellation() {
      isCancellable = false;
    },
    countTry(activity) {
      tries[activity] = (tries[activity] ?? 0) + 1;
      return tries[activity];
    },
  };
}

/**
 * Returns retries without a limit, for publishing a completion: it must not be lost, and it cannot
 * be cancelled. They need no policy, because not every completion belongs to a request.
 */
export function openEndlessRetries(): Retries {
  return {
    budgets: { transient: { seconds: 0 }, busy: { seconds: 0 } },
    timersFireEarlySeconds: TIMERS_FIRE_EARLY_SECONDS,
    deadlineAt: Number.POSITIVE_INFINITY,
    deadlineCode: "OperationDeadlineExceeded",
    notBefore: 0,
    isCancellable: false,
    limitQueueing() {},
    limitChange() {},
    postpone() {},
    endCancellation() {},
    countTry: () => 1,
  };
}
