import type { Clock } from "../../clock.ts";

/**
 * Creates the alarms of an engine. Each has a name. A new alarm replaces the one with the same
 * name.
 */
export function createAlarms(clock: Clock) {
  const alarms = new Map<string, () => void>();
  return {
    /** Calls `ring` once when the clock reaches `at`. */
    set(name: string, at: number, ring: () => void): void {
      alarms.get(name)?.();
      const cancel = clock.setTimer(at, () => {
        alarms.delete(name);
        ring();
      });
      alarms.set(name, cancel);
    },
    cancel(name: string): void {
      alarms.get(name)?.();
      alarms.delete(name);
    },
    cancelAll(): void {
      for (const cancel of alarms.values()) cancel();
      alarms.clear();
    },
  };
}
