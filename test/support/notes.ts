import type { SubmissionNotes } from "../../functions/activities/submission-note.ts";
import type { SubmissionNote } from "../../shared/durable/before.ts";

/** Notes of PUTs that nobody looks at. */
export const noNotes: SubmissionNotes = { write: async () => {}, read: async () => undefined };

/** Notes of PUTs in memory, and a switch that takes their store away. */
export function notesInMemory() {
  const notes = new Map<string, SubmissionNote>();
  const store = { away: false };
  const reached = () => store.away && Promise.reject(new Error("the store is away"));
  return Object.assign(store, {
    notes,
    async write(_context: unknown, instanceId: string, note: SubmissionNote) {
      await reached();
      notes.set(instanceId, note);
    },
    async read(_context: unknown, instanceId: string) {
      await reached();
      return notes.get(instanceId);
    },
  });
}
