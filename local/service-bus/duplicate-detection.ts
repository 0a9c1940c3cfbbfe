import type { Records } from "./records.ts";

/** Remembers message ids for a window of time; nothing is remembered without one. */
export function createDuplicateDetection(windowMs: number | undefined, records: Records) {
  const seen = new Map<string, number>(windowMs === undefined ? [] : records.seen().map(({ id, at }) => [id, at]));

  /** Insertion order is order of time. */
  function forgetOld(until: number): void {
    const before = seen.size;
    for (const [id, at] of seen) {
      if (at > until) break;
      seen.delete(id);
    }
    if (seen.size < before) records.forgetSeen(until);
  }

  return {
    /** Whether the id was seen within the window; notes it otherwise. */
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
