import type { InvocationContext } from "@azure/functions";
import { logStepOf } from "./log-step.ts";

/** How a trigger function waits and tells the time. */
export interface Pace {
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Thrown by a try that went well, when what it waits for has not happened yet. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

/** How long to pause before the next try, at first and at most. */
const afterFailure = { first: 1_000, longest: 30_000 };
const whileNotYet = { first: 200, longest: 5_000 };

/** Below the function's time-out of five minutes (host.json), with room for the last try. */
const GIVE_UP_AFTER_MS = 4 * 60_000;

/**
 * Tries again, inside one invocation, what a store or a broker that is away cannot do now: giving the message back would bring it again at once, and after
 * ten deliveries it would be a dead letter. The message's lock is renewed meanwhile. Throws the last error after about four minutes.
 */
export async function retryErrors<T>(
  attempt: () => Promise<T>,
  { messageId }: { readonly messageId: string },
  context: InvocationContext,
  pace: Pace,
): Promise<T> {
  const giveUpAt = pace.now().getTime() + GIVE_UP_AFTER_MS;
  for (let pauseMs = afterFailure.first; ; pauseMs = Math.min(pauseMs * 2, afterFailure.longest)) {
    try {
      return await retryNotYet(attempt, pace, giveUpAt);
    } catch (error) {
      if (error instanceof NotYet) throw error;
      logStepOf(context)("delayed", { messageId, error: error instanceof Error ? error.name : "unknown" });
      if (pace.now().getTime() + pauseMs > giveUpAt) throw error;
      await pace.pause(pauseMs);
    }
  }
}

/** Tries again what throws `NotYet`, until a time in milliseconds since the Unix epoch. Any other error is thrown at once. */
export async function retryNotYet<T>(attempt: () => Promise<T>, { now, pause }: Pace, giveUpAt: number): Promise<T> {
  for (let pauseMs = whileNotYet.first; ; pauseMs = Math.min(pauseMs * 2, whileNotYet.longest)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NotYet) || now().getTime() + pauseMs > giveUpAt) throw error;
      await pause(pauseMs);
    }
  }
}
