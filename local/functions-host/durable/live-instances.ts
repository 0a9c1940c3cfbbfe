import type { Instance, openInstanceTables } from "../store/instances.ts";
import { type HistoryEvent, replayPartOf } from "./events.ts";

/** How many events are kept in memory for all instances together: some tens of megabytes. */
const MOST_EVENTS = 50_000;

/** A stored instance, with its past in the form that a replay needs. */
export interface LiveInstance {
  instance: Instance;
  /** The same objects for every replay. The SDK replaces the times in them by dates, once. */
  readonly past: HistoryEvent[];
}

/**
 * Keeps the most recently used instances in memory, so that an episode need not read and parse its
 * whole history again. The store has everything too. Code that changes an instance outside an
 * episode must call `forget`.
 */
export function createLiveInstances(instances: ReturnType<typeof openInstanceTables>, most = MOST_EVENTS) {
  const live = new Map<string, LiveInstance>();
  let events = 0;

  function forget(id: string): void {
    events -= live.get(id)?.past.length ?? 0;
    live.delete(id);
  }

  return {
    forget,
    /** Returns an instance, from the store if it is not in memory. */
    get(id: string): LiveInstance | undefined {
      const known = live.get(id);
      if (known) {
        // Move it to the end: the least recently used one is forgotten first.
        live.delete(id);
        live.set(id, known);
        return known;
      }
      const instance = instances.get(id);
      if (!instance) return undefined;
      const read: LiveInstance = { instance, past: instances.history(id).map(replayPartOf) };
      live.set(id, read);
      events += read.past.length;
      return read;
    },
    /** Adds the events that an episode has stored. */
    advance(found: LiveInstance, instance: Instance, added: readonly HistoryEvent[]): void {
      found.instance = instance;
      found.past.push(...added.map(replayPartOf));
      if (live.get(instance.id) === found) events += added.length;
      for (const id of live.keys()) {
        if (events <= most) return;
        if (id !== instance.id) forget(id);
      }
    },
  };
}
