/** Chance that a seed repeats. */
export type Chance = ReturnType<typeof createChance>;

/** Creates the chance of a seed: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export function createChance(seed: number) {
  let state = seed | 0;
  /** From 0 (inclusive) to 1 (exclusive). */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number, both ends included. */
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    whole,
    pick: <T>(from: readonly [T, ...T[]]): T => from[whole(0, from.length - 1)] ?? from[0],
    often: (share: number): boolean => next() < share,
    hex: (digits: number): string => Array.from({ length: digits }, () => whole(0, 15).toString(16)).join(""),
  };
}
