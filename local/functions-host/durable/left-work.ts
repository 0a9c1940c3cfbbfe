import type { Clock } from "../../clock.ts";
import type { taskTables, Work } from "../store/tasks.ts";
import type { createAlarms } from "./alarms.ts";

/** So many starts of the host in a row that an activity did not outlive: it may be the one that kills the host. */
const STARTS_IN_VAIN = 3;
/** How long Azure keeps an activity invisible whose host died (`workItemQueueVisibilityTimeout`, 5 min). */
const HELD_MS = 300_000;
/** Between two of those that were held, so that one that kills the host does not take the others with it. */
const APART_MS = 30_000;

/**
 * Takes up the activities that a former process left undone, each as soon as it can be seen: at once on a calm engine, because a host is killed often
 * while somebody develops. Those that were there at the last starts, too, come only after the time that Azure would let pass, one by one. Otherwise an
 * activity that kills its host would give nothing else a turn.
 */
export function takeUpWork(
  tasks: ReturnType<typeof taskTables>,
  clock: Clock,
  alarms: ReturnType<typeof createAlarms>,
  wake: (work: Work) => void,
): void {
  const starts = new Map(tasks.countStart(STARTS_IN_VAIN).map((left) => [keyOf(left), left.starts]));
  const held: string[] = [];
  for (const { visibleAt, ...work } of tasks.work()) {
    if (starts.has(keyOf(work))) held.push(keyOf(work));
    else if (visibleAt <= clock.now()) wake(work);
    else alarms.set(`work ${keyOf(work)}`, visibleAt, () => wake(work));
  }
  // Another one is first at each start.
  const turn = Math.max(0, ...starts.values()) % Math.max(held.length, 1);
  for (const [place, key] of [...held.slice(turn), ...held.slice(0, turn)].entries()) {
    alarms.set(`work ${key}`, clock.now() + HELD_MS + place * APART_MS, () => {
      // An instance that has ended meanwhile has no work any more.
      const work = tasks.work().find((left) => keyOf(left) === key);
      if (work) wake(work);
    });
  }
}

function keyOf({ instance, task }: Pick<Work, "instance" | "task">): string {
  return `${instance}/${task}`;
}
