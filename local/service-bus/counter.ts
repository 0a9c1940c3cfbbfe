import type { Records } from "./records.ts";

/**
 * Returns a function that returns the next number of an entity. It continues from the last one in
 * the records.
 */
export function createCounter(records: Records): () => number {
  let last = records.lastNumber();
  return () => {
    last++;
    records.count(last);
    return last;
  };
}
