import type { InvocationContext } from "@azure/functions";
import { logStepOf } from "./log-step.ts";

/** The clock of a trigger function. */
export interface Clock {
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Thrown if nothing has failed, but the awaited state is not there yet. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

/**
 * The first and the longest pause between two tries, in milliseconds. Each pause doubles the last.
 */
const pausesAfterError = { first: 1_000, longest: 30_000 };
const pausesAfterNotYet = { first: 200, longest: 5_000 };

/** Less than the function's time-out of five minutes (host.json), with room for the last try. */
const GIVE_UP_AFTER_MS = 4 * 60_000;

/**
 * Calls `run` until it succeeds, within one invocation. It handles a store or a broker that is
 * not available: if the app abandoned the message instead, the broker would deliver it again at
 * once, and ten deliveries make it a dead letter. The host renews the message's lock meanwhile.
 * Throws the last error after about four minutes.
 */
export async function retryErrors<T>(
  run: () => Promise<T>,
  { messageId }: { readonly messageId: string },
  context: InvocationContext,
  clock: Clock,
): Promise<T> {
  const giveUpAt = clock.now().getTime() + GIVE_UP_AFTER_MS;
  for (let pauseMs = pausesAfterError.first; ; pauseMs = Math.min(pauseMs * 2, pausesAfterError.longest)) {
    try {
      return await retryNotYet(run, clock, giveUpAt);
    } catch (error) {
      if (error instanceof NotYet) throw error;
      logStepOf(context)("delayed", { messageId, error: error instanceof Error ? error.name : "unknown" });
      if (clock.now().getTime() + pauseMs > giveUpAt) throw error;
      await clock.pause(pauseMs);
    }
  }
}

/**
 * Calls `run` again while it throws `NotYet`. `giveUpAt` is in milliseconds since the Unix
 * epoch. Throws any other error at once.
 */
export async function retryNotYet<T>(run: () => Promise<T>, { now, pause }: Clock, giveUpAt: number): Promise<T> {
  for (let pauseMs = pausesAfterNotYet.first; ; pauseMs = Math.min(pauseMs * 2, pausesAfterNotYet.longest)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof NotYet) || now().getTime() + pauseMs > giveUpAt) throw error;
      await pause(pauseMs);
    }
  }
}
