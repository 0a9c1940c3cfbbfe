import { callAt } from "./timers.ts";

/**
 * Calls `sweep` when the earliest noted time has come. `sweep` returns the next time, or nothing.
 */
export function createExpiry(sweep: () => number | undefined) {
  let due = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  function note(time: number | undefined): void {
    if (time === undefined || time >= due) return;
    cancel();
    due = time;
    cancel = callAt(time, () => {
      due = Number.POSITIVE_INFINITY;
      note(sweep());
    });
  }
  return { note, close: () => cancel() };
}
