import type { Records } from "./records.ts";

/** Counts on from the last number that was given. */
export function counter(records: Records): () => number {
  let last = records.lastNumber();
  return () => {
    last++;
    records.count(last);
    return last;
  };
}
