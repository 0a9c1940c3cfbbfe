import { at } from "./timers.ts";

/** Calls `sweep` when the first of the times that were noted has come; it answers the next one, if there is one. */
export function createExpiry(sweep: () => number | undefined) {
  let due = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  function note(time: number | undefined): void {
    if (time === undefined || time >= due) return;
    cancel();
    due = time;
    cancel = at(time, () => {
      due = Number.POSITIVE_INFINITY;
      note(sweep());
    });
  }
  return { note, close: () => cancel() };
}
