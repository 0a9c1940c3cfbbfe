/** Remembers message ids for a window of time; nothing is remembered without one. */
export function createDuplicateDetection(windowMs: number | undefined) {
  const seen = new Map<string, number>();
  return {
    /** Whether the id was seen within the window; notes it otherwise. */
    isDuplicate(messageId: unknown): boolean {
      if (windowMs === undefined) return false;
      const now = Date.now();
      // Insertion order is order of time.
      for (const [id, at] of seen) {
        if (now - at < windowMs) break;
        seen.delete(id);
      }
      const id = String(messageId);
      if (seen.has(id)) return true;
      seen.set(id, now);
      return false;
    },
  };
}
