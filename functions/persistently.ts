import type { InvocationContext } from "@azure/functions";
import { logStepOf } from "./log-step.ts";

/** How a trigger function waits and tells the time. */
export interface Pace {
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Below the function's time-out of five minutes (host.json), with room for the last try. */
const GIVE_UP_AFTER_MS = 4 * 60_000;

/**
 * Tries again, inside one invocation, what a store or a broker that is away cannot do now: giving the message back would bring it again at once, and after
 * ten deliveries it would be a dead letter. The message's lock is renewed meanwhile. Throws the last error after about four minutes.
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  { messageId }: { readonly messageId: string },
  context: InvocationContext,
  { now, pause }: Pace,
): Promise<T> {
  const giveUpAt = now().getTime() + GIVE_UP_AFTER_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      logStepOf(context)("delayed", { messageId, error: error instanceof Error ? error.name : "unknown" });
      if (now().getTime() + pauseMs > giveUpAt) throw error;
      await pause(pauseMs);
    }
  }
}
