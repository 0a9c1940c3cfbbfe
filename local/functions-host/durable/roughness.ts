import type { Clock } from "../../clock.ts";
import { createRandomNumbers, hashOf } from "./random-numbers.ts";

/**
 * Decides where the engine behaves worse than one calm process, as the Durable Task extension may.
 * All times are product time, in milliseconds since the Unix epoch. 0 means at once.
 */
export interface Roughness {
  /** Returns when the start of an instance becomes visible. */
  startComesAt(instance: string): number;
  /**
   * Returns true if a second start is accepted, although the instance was started at `firstAt` and
   * has not ended.
   */
  acceptsSecondStart(firstAt: number): boolean;
  /** Returns true if the second of two accepted starts is the one that runs. */
  secondStartWins(): boolean;
  /**
   * Returns when a message becomes visible: a result, an event, an operation of an entity or its
   * response.
   */
  messageComesAt(): number;
  /** Returns when a result or an event is delivered a second time, or nothing for most. */
  messageComesAgainAt(): number | undefined;
  /** Returns when a timer fires that is due at `dueAt`. */
  timerFiresAt(dueAt: number): number;
  /**
   * If this process is killed, a message or an activity that it has taken becomes visible again at
   * this time.
   */
  takenMessageComesBackAt(): number;
  takenWorkComesBackAt(): number;
}

/** The default: everything happens at once, once, in order and on time. */
export const calm: Roughness = {
  startComesAt: () => 0,
  acceptsSecondStart: () => false,
  secondStartWins: () => false,
  messageComesAt: () => 0,
  messageComesAgainAt: () => undefined,
  timerFiresAt: (dueAt) => dueAt,
  takenMessageComesBackAt: () => 0,
  takenWorkComesBackAt: () => 0,
};

/** The longest time until the engine looks at a queue of starts. */
const LONGEST_START_DELAY_MS = 2_000;
const LONGEST_MESSAGE_DELAY_MS = 300;
const LONGEST_DELAY_OF_A_REPETITION_MS = 2_000;
const SHARE_OF_REPETITIONS = 1 / 10;
/** A timer is a queue message, and the delay of a queue message counts in whole seconds. */
const EARLIEST_TIMER_MS = 1_000;
/**
 * Measured on the extension 3.19: two starts were both accepted if they were less than this apart.
 * This is the only value here in real time.
 */
const REAL_MS_BETWEEN_ACCEPTED_STARTS = 50;
/** Measured on the same extension: in 14 of 150 cases the second one ran. */
const SHARE_OF_SECOND_STARTS = 14 / 150;

/** Settings of host.json that change how rough the extension is. */
export interface QueueSettings {
  readonly partitions: number;
  readonly messagesHiddenForMs: number;
  readonly workHiddenForMs: number;
}

/**
 * Creates the roughness of a seed. Each question has its own random numbers, so that one more timer
 * does not change the starts.
 */
export function createRoughness(
  seed: number,
  clock: Clock,
  { partitions, messagesHiddenForMs, workHiddenForMs }: QueueSettings,
): Roughness {
  const numbersFor = (question: string) => createRandomNumbers(seed ^ hashOf(question));
  const drawUpTo = (numbers: () => number, most: number) => Math.floor(numbers() * (most + 1));
  const starts = numbersFor("starts");
  const seconds = numbersFor("second starts");
  const messages = numbersFor("messages");
  const repetitions = numbersFor("repetitions");
  const timers = numbersFor("timers");
  /** When the engine looks at each partition's queue next. */
  const looks = Array.from({ length: partitions }, () => 0);

  return {
    startComesAt(instance) {
      const partition = hashOf(instance) % partitions;
      const look = looks[partition] ?? 0;
      if (look > clock.now()) return look;
      const next = clock.now() + drawUpTo(starts, LONGEST_START_DELAY_MS);
      looks[partition] = next;
      return next;
    },
    acceptsSecondStart(firstAt) {
      const realNow = Date.now();
      return clock.now() - firstAt <= clock.at(realNow) - clock.at(realNow - REAL_MS_BETWEEN_ACCEPTED_STARTS);
    },
    secondStartWins: () => seconds() < SHARE_OF_SECOND_STARTS,
    messageComesAt: () => clock.now() + drawUpTo(messages, LONGEST_MESSAGE_DELAY_MS),
    messageComesAgainAt() {
      const isRepeated = repetitions() < SHARE_OF_REPETITIONS;
      return isRepeated ? clock.now() + drawUpTo(repetitions, LONGEST_DELAY_OF_A_REPETITION_MS) : undefined;
    },
    timerFiresAt: (dueAt) => dueAt - drawUpTo(timers, EARLIEST_TIMER_MS),
    takenMessageComesBackAt: () => clock.now() + messagesHiddenForMs,
    takenWorkComesBackAt: () => clock.now() + workHiddenForMs,
  };
}
