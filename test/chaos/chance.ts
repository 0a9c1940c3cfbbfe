import { createRandomNumbers } from "../../local/functions-host/durable/random-numbers.ts";

/** Chance that a seed repeats. */
export type Chance = ReturnType<typeof createChance>;

/** Creates the chance of a seed. */
export function createChance(seed: number) {
  const next = createRandomNumbers(seed);
  /** A whole number, both ends included. */
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    whole,
    pick: <T>(from: readonly [T, ...T[]]): T => from[whole(0, from.length - 1)] ?? from[0],
    often: (share: number): boolean => next() < share,
    hex: (digits: number): string => Array.from({ length: digits }, () => whole(0, 15).toString(16)).join(""),
  };
}
