import type { Clock } from "../../clock.ts";
import type { openTaskTables, Work } from "../store/tasks.ts";
import type { createAlarms } from "./alarms.ts";

/**
 * If an activity was not finished in this many starts of the host in a row, it may be the one that
 * kills the host.
 */
const UNFINISHED_STARTS = 3;
/** How long Azure hides an activity whose host died (`workItemQueueVisibilityTimeout`, 5 min). */
const HELD_MS = 300_000;
/**
 * The time between two suspicious activities, so that one that kills the host does not stop the
 * others too.
 */
const APART_MS = 30_000;

/**
 * Continues the activities that a former process left, each as soon as it is visible. On a calm
 * engine that is at once, because a host is killed often during development. Activities that were
 * already there at the last starts wait as long as in Azure, and run one by one. Otherwise an
 * activity that kills its host would block all others.
 */
export function continueWork(
  tasks: ReturnType<typeof openTaskTables>,
  clock: Clock,
  alarms: ReturnType<typeof createAlarms>,
  wake: (work: Work) => void,
): void {
  const starts = new Map(tasks.countStart(UNFINISHED_STARTS).map((left) => [keyOf(left), left.starts]));
  const held: string[] = [];
  for (const { visibleAt, ...work } of tasks.work()) {
    if (starts.has(keyOf(work))) held.push(keyOf(work));
    else if (visibleAt <= clock.now()) wake(work);
    else alarms.set(`work ${keyOf(work)}`, visibleAt, () => wake(work));
  }
  // Each start begins with another one.
  const turn = Math.max(0, ...starts.values()) % Math.max(held.length, 1);
  for (const [place, key] of [...held.slice(turn), ...held.slice(0, turn)].entries()) {
    alarms.set(`work ${key}`, clock.now() + HELD_MS + place * APART_MS, () => {
      // Its instance may have ended in the meantime.
      const work = tasks.work().find((left) => keyOf(left) === key);
      if (work) wake(work);
    });
  }
}

function keyOf({ instance, task }: Pick<Work, "instance" | "task">): string {
  return `${instance}/${task}`;
}
