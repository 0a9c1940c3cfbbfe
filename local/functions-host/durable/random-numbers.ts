/**
 * Returns a function that returns the random numbers of a seed, from 0 (inclusive) to 1
 * (exclusive): mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c).
 */
export function createRandomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns a whole number for a text, always the same one. The numbers are spread over 32 bits
 * (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/).
 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
