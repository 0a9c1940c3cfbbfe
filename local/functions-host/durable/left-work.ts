import type { Clock } from "../../clock.ts";
import type { taskTables, Work } from "../store/tasks.ts";

/** So many starts of the host in a row that an activity did not outlive: it may be the one that kills the host. */
const STARTS_IN_VAIN = 3;
/** How long Azure keeps an activity invisible whose host died (`workItemQueueVisibilityTimeout`, 5 min). */
const HELD_MS = 300_000;
/** Between two of those that were held, so that one that kills the host does not take the others with it. */
const APART_MS = 30_000;

/**
 * Takes up the activities that a former process left undone: at once, because a host is killed often while somebody develops, but those that were there at
 * the last starts, too, only after the time that Azure would let pass, one by one. Otherwise an activity that kills its host would give nothing else a
 * turn. Returns how to cancel what waits.
 */
export function takeUpWork(tasks: ReturnType<typeof taskTables>, clock: Clock, wake: (work: Work) => void): () => void {
  const starts = new Map(tasks.countStart(STARTS_IN_VAIN).map((left) => [keyOf(left), left.starts]));
  const held: string[] = [];
  for (const work of tasks.work()) {
    if (starts.has(keyOf(work))) held.push(keyOf(work));
    else wake(work);
  }
  // Another one is first at each start.
  const turn = Math.max(0, ...starts.values()) % Math.max(held.length, 1);
  const cancels = [...held.slice(turn), ...held.slice(0, turn)].map((key, place) =>
    clock.setTimer(clock.now() + HELD_MS + place * APART_MS, () => {
      // An instance that has ended meanwhile has no work any more.
      const work = tasks.work().find((left) => keyOf(left) === key);
      if (work) wake(work);
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function keyOf({ instance, task }: Pick<Work, "instance" | "task">): string {
  return `${instance}/${task}`;
}
