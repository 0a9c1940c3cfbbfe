import { secondsToNextPoll } from "../../orchestrations/poll-interval.ts";
import { TIMERS_FIRE_EARLY_SECONDS } from "../../shared/policy.ts";

/** How long a change took, and how many changes took so long. */
export interface RecordedTime {
  readonly seconds: number;
  readonly count: number;
}

/**
 * Times of 14 successful changes of connections, as a client saw them: public test recordings of
 * Azure CLI's extension virtual-wan against the live service, westus, 2021 to 2024
 * (https://github.com/Azure/azure-cli-extensions/tree/main/src/virtual-wan). The client polled 10,
 * 20, 40, 80 and 160 s after the PUT, so an operation may have ended some time before it was seen.
 */
export const recordedTimes: readonly RecordedTime[] = [
  { seconds: 21, count: 2 },
  { seconds: 32, count: 1 },
  { seconds: 82, count: 7 },
  { seconds: 135, count: 1 },
  { seconds: 162, count: 3 },
];

/**
 * Retry-After of the service, poll after poll: the gaps in these recordings, which lack the header,
 * and what recordings of Azure PowerShell show for operations of Microsoft.Network. The last one
 * repeats.
 */
const recordedRetryAfter = [10, 10, 20, 40, 80, 100];
const WAIT_WITHOUT_HINT_SECONDS = 5;

/** Returns the Retry-After that comes before a poll, counted from 0. */
export type RetryAfter = (poll: number) => number | null;

/** The Retry-After of the service, as recorded. */
export const asRecorded: RetryAfter = (poll) => recordedRetryAfter[Math.min(poll, recordedRetryAfter.length - 1)] ?? null;

/** How an operation is polled. */
interface Polling {
  readonly retryAfter: RetryAfter;
  /** How late each timer fires: the app sets it late, because it may fire early. */
  readonly lateSeconds: number;
  /** What the jitter follows from: the instance id. */
  readonly seed: string;
}

/**
 * Returns the times of the polls of an operation, in seconds since its PUT. The last one is the
 * first after the end of the operation. Calls of Azure take no time here.
 */
export function pollTimesOf(operationSeconds: number, { retryAfter, lateSeconds, seed }: Polling): number[] {
  const times: number[] = [];
  for (let waited = 0; waited < operationSeconds || times.length === 0; times.push(waited)) {
    const wait = secondsToNextPoll(retryAfter(times.length), {
      waitedSeconds: waited,
      defaultSeconds: WAIT_WITHOUT_HINT_SECONDS,
      seed: `${seed}/poll/${times.length}`,
    });
    waited += wait + lateSeconds;
  }
  return times;
}

/** Returns the polls of a recorded change on the extension, whose timers fire late on average. */
export function recordedPollTimes({ seconds }: RecordedTime): readonly number[] {
  return pollTimesOf(seconds, { retryAfter: asRecorded, lateSeconds: TIMERS_FIRE_EARLY_SECONDS, seed: "recorded" });
}

/** Returns the mean of a value over the recorded changes. */
export function meanOverRecorded(value: (pollTimes: readonly number[]) => number): number {
  const total = recordedTimes.reduce((sum, { count }) => sum + count, 0);
  return recordedTimes.reduce((sum, time) => sum + time.count * value(recordedPollTimes(time)), 0) / total;
}
