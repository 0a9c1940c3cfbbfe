import { jitterOf } from "./jitter.ts";

const LONGEST_OWN_WAIT_SECONDS = 15 * 60;

/**
 * Returns the seconds until the next poll. It is the longest of
 * - Retry-After,
 * - `defaultSeconds`, if Retry-After is missing or 0,
 * - a tenth of the time waited so far, 15 minutes at most, which bounds the history.
 *
 * The last two get up to 10 % jitter, derived from `seed`, so that instances that began together do
 * not poll at the same time.
 */
export function secondsToNextPoll(
  retryAfterSeconds: number | null,
  { waitedSeconds, defaultSeconds, seed }: { readonly waitedSeconds: number; readonly defaultSeconds: number; readonly seed: string },
): number {
  const own = Math.max(retryAfterSeconds ? 0 : defaultSeconds, Math.min(waitedSeconds / 10, LONGEST_OWN_WAIT_SECONDS));
  return Math.max(retryAfterSeconds ?? 0, own * (1 + jitterOf(seed) / 10));
}
