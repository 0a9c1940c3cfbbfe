/**
 * Product time: the time of orchestrations, durable timers and simulated operations. Sockets,
 * tokens and locks use real time.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Converts real time to product time. Both are in milliseconds since the Unix epoch. */
  at(realTime: number): number;
  /**
   * Calls `fire` once when the clock has reached `dueAt` (milliseconds since the Unix epoch), never
   * early. Returns the function that cancels it.
   */
  setTimer(dueAt: number, fire: () => void): () => void;
}

/**
 * Node fires a timer at once if its delay is longer (https://nodejs.org/api/timers.html), so long
 * waits are split.
 */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * A part of product time. At the real time `epoch` it was `product`; after that it runs `rate`
 * times as fast as real time.
 */
export interface Pace {
  readonly epoch: number;
  readonly product: number;
  readonly rate: number;
}

/**
 * Creates a clock that runs at one pace after the paces in `before`. Processes with the same
 * numbers have the same time. Without `product` both times are the same at `epoch`.
 */
export function createClock(options: Partial<Pace> & { readonly before?: readonly Pace[] } = {}): Clock {
  const { epoch = Date.now(), rate = 1, product = epoch, before = [] } = options;
  const paces = [...before, { epoch, product, rate }];
  const at = (realTime: number) => {
    const pace = paces.findLast((each) => each.epoch <= realTime) ?? paces[0] ?? { epoch, product, rate };
    // Whole milliseconds at every rate, because dates and the host's store have nothing smaller.
    return Math.floor(pace.product + (realTime - pace.epoch) * pace.rate);
  };
  const now = () => at(Date.now());
  return {
    now,
    at,
    setTimer(dueAt, fire) {
      let timeout: NodeJS.Timeout;
      const wait = () => {
        const left = Math.ceil((dueAt - now()) / rate);
        timeout = setTimeout(left > 0 ? wait : fire, Math.min(Math.max(left, 0), LONGEST_TIMEOUT_MS));
      };
      wait();
      return () => clearTimeout(timeout);
    },
  };
}

/** A clock that does not move until a test moves it. */
export interface ManualClock extends Clock {
  /** Returns the due times of the waiting timers, earliest first. */
  pending(): number[];
  /** Moves to `time` and fires every timer that is due by then, in the order of their due times. */
  advanceTo(time: number): void;
}

/** Creates a clock for tests in one process. `start` is in milliseconds since the Unix epoch. */
export function createManualClock(start: number): ManualClock {
  let time = start;
  const timers = new Set<{ dueAt: number; fire: () => void }>();
  const inOrder = () => [...timers].sort((a, b) => a.dueAt - b.dueAt);
  return {
    now: () => time,
    at: () => time,
    setTimer(dueAt, fire) {
      const timer = { dueAt, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pending: () => inOrder().map((timer) => timer.dueAt),
    advanceTo(target) {
      for (let next = inOrder()[0]; next && next.dueAt <= target; next = inOrder()[0]) {
        timers.delete(next);
        time = Math.max(time, next.dueAt);
        next.fire();
      }
      time = Math.max(time, target);
    },
  };
}
