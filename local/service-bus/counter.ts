import type { Records } from "./records.ts";

/** Counts on from a number. */
export function counter(records: Records, last: number): () => number {
  return () => {
    last++;
    records.count(last);
    return last;
  };
}
