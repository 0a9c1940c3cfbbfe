import type { Records } from "./records.ts";

/**
 * Creates a detector that remembers message ids for `windowMs`. Without a window it remembers
 * nothing.
 */
export function createDuplicateDetection(windowMs: number | undefined, records: Records) {
  const seen = new Map<string, number>(windowMs === undefined ? [] : records.seen().map(({ id, at }) => [id, at]));

  /** The map is in the order of time, because it keeps the order of insertion. */
  function forgetOld(until: number): void {
    const before = seen.size;
    for (const [id, at] of seen) {
      if (at > until) break;
      seen.delete(id);
    }
    if (seen.size < before) records.forgetSeen(until);
  }

  return {
    /** Returns true if the id was seen within the window. If not, remembers it. */
    isDuplicate(messageId: unknown): boolean {
      if (windowMs === undefined) return false;
      const now = Date.now();
      forgetOld(now - windowMs);
      const id = String(messageId);
      if (seen.has(id)) return true;
      seen.set(id, now);
      records.see(id, now);
      return false;
    },
  };
}
