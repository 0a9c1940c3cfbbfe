/** Random numbers from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/**
 * Returns random numbers that depend only on the seed: mulberry32
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c).
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws the time until the next arrival of a Poisson process. */
export function drawGap(random: Random, perSecond: number): number {
  return -Math.log(1 - random()) / perSecond;
}
