import { jitterOf } from "./jitter.ts";

const LONGEST_OWN_WAIT_SECONDS = 15 * 60;

/**
 * Seconds until the next poll: the service's Retry-After, never less, and a tenth of the time waited so far where that is longer (15 minutes at most), which
 * bounds the history. A service that names no wait, or none to speak of, is asked after `otherwise` seconds. The part that is ours is longer by up to a tenth,
 * drawn from `seed`, so that instances which began together do not poll together.
 */
export function secondsToNextPoll(
  retryAfterSeconds: number | null,
  { waitedSeconds, otherwise, seed }: { readonly waitedSeconds: number; readonly otherwise: number; readonly seed: string },
): number {
  const own = Math.max(retryAfterSeconds ? 0 : otherwise, Math.min(waitedSeconds / 10, LONGEST_OWN_WAIT_SECONDS));
  return Math.max(retryAfterSeconds ?? 0, own * (1 + jitterOf(seed) / 10));
}
