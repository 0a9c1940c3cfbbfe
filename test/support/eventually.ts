import { setTimeout as wait } from "node:timers/promises";

/**
 * Waits until `attempt` answers something other than undefined or false, looking again every few
 * milliseconds; fails with `what` after the bound.
 */
export async function eventually<T>(
  what: string,
  attempt: () => T | Promise<T>,
  boundMs = 60_000,
): Promise<Exclude<T, undefined | false | null>> {
  const giveUpAt = performance.now() + boundMs;
  for (;;) {
    const result = await attempt();
    if (result !== undefined && result !== false && result !== null) return result as Exclude<T, undefined | false | null>;
    if (performance.now() > giveUpAt) throw new Error(`Not within ${boundMs} ms: ${what}`);
    await wait(20);
  }
}
