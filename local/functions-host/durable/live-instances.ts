import type { Instance, instanceTables } from "../store/instances.ts";
import { type HistoryEvent, replayedOf } from "./events.ts";

/** So many events stay at hand, over all instances: some tens of megabytes. */
const MOST_EVENTS = 50_000;

/** An instance as the store has it, with its past as a replay needs it. */
export interface LiveInstance {
  instance: Instance;
  /** Events as objects, as the library would have parsed them: the SDK reads them, and turns their times into dates once and for all. */
  readonly past: HistoryEvent[];
}

/**
 * Keeps the instances that were at work last at hand, so that an episode need not read and parse its whole history again. The store stays the truth: nothing is
 * here that is not there, and whoever changes an instance otherwise than by an episode has it forgotten.
 */
export function createLiveInstances(instances: ReturnType<typeof instanceTables>, most = MOST_EVENTS) {
  const live = new Map<string, LiveInstance>();
  let events = 0;

  function forget(id: string): void {
    events -= live.get(id)?.past.length ?? 0;
    live.delete(id);
  }

  return {
    forget,
    /** The instance, read from the store where it is not at hand. */
    get(id: string): LiveInstance | undefined {
      const known = live.get(id);
      if (known) {
        // Whoever was used last is forgotten last.
        live.delete(id);
        live.set(id, known);
        return known;
      }
      const instance = instances.get(id);
      if (!instance) return undefined;
      const read: LiveInstance = { instance, past: instances.history(id).map(replayedOf) };
      live.set(id, read);
      events += read.past.length;
      return read;
    },
    /** Notes what an episode has stored. */
    advance(found: LiveInstance, instance: Instance, added: readonly HistoryEvent[]): void {
      found.instance = instance;
      found.past.push(...added.map(replayedOf));
      if (live.get(instance.id) === found) events += added.length;
      for (const id of live.keys()) {
        if (events <= most) return;
        if (id !== instance.id) forget(id);
      }
    },
  };
}
