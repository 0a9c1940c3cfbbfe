import type { Database } from "./open.ts";

/** An activity that is to be run; `input` is JSON text. */
export interface Work {
  readonly instance: string;
  readonly task: number;
  readonly name: string;
  readonly input: string;
}

/** An activity that a former process left, and when it can be seen. */
export interface WaitingWork extends Work {
  readonly visibleAt: number;
}

/** A timer that is to fire, in milliseconds since the Unix epoch. */
export interface Timer {
  readonly instance: string;
  readonly task: number;
  readonly fireAt: number;
}

/** The tables of what instances wait for: activities and timers. A row is there until its completion event is in the inbox. */
export function taskTables({ sql }: Database) {
  const addWork = sql.prepare("INSERT INTO work (instance, task, name, input) VALUES (?, ?, ?, ?)");
  const dropWork = sql.prepare("DELETE FROM work WHERE instance = ? AND task = ?");
  const allWork = sql.prepare("SELECT instance, task, name, input, visible_at AS visibleAt FROM work ORDER BY rowid");
  const takeWork = sql.prepare("UPDATE work SET taken_until = ? WHERE instance = ? AND task = ?");
  const forgetLeft = sql.prepare("DELETE FROM left_work WHERE (instance, task) NOT IN (SELECT instance, task FROM work)");
  const countLeft = sql.prepare(
    "INSERT INTO left_work SELECT instance, task, 1 FROM work WHERE true ON CONFLICT (instance, task) DO UPDATE SET starts = starts + 1",
  );
  const isLeft = sql.prepare("SELECT instance, task, starts FROM left_work WHERE starts >= ?");
  const addTimer = sql.prepare("INSERT INTO timers VALUES (?, ?, ?)");
  const dropTimer = sql.prepare("DELETE FROM timers WHERE instance = ? AND task = ?");
  const allTimers = sql.prepare("SELECT instance, task, fire_at AS fireAt FROM timers");
  const execution = sql.prepare("SELECT execution FROM instances WHERE id = ?");
  const dropOf = [sql.prepare("DELETE FROM work WHERE instance = ?"), sql.prepare("DELETE FROM timers WHERE instance = ?")];
  return {
    addWork: ({ instance, task, name, input }: Work) => void addWork.run(instance, task, name, input),
    /** Answers whether it was still there: its instance may have ended meanwhile. */
    dropWork: (instance: string, task: number): boolean => dropWork.run(instance, task).changes > 0,
    work: (): WaitingWork[] => allWork.all() as unknown as WaitingWork[],
    /** Counts one more start of the host for all work that is there. Returns what was there at so many starts in a row, and has not ended. */
    countStart(starts: number): (Pick<Work, "instance" | "task"> & { readonly starts: number })[] {
      forgetLeft.run();
      countLeft.run();
      return isLeft.all(starts) as unknown as (Pick<Work, "instance" | "task"> & { starts: number })[];
    },
    /** Notes that a process works on an activity; 0 leaves no note. */
    takeWork(instance: string, task: number, until: number) {
      if (until > 0) takeWork.run(until, instance, task);
    },
    addTimer: ({ instance, task, fireAt }: Timer) => void addTimer.run(instance, task, fireAt),
    dropTimer: (instance: string, task: number): boolean => dropTimer.run(instance, task).changes > 0,
    timers: (): Timer[] => allTimers.all() as unknown as Timer[],
    /** Whose tasks an instance's are now: a start under the id of one that has ended counts from 0 again. */
    executionOf: (instance: string): string => String(execution.get(instance)?.["execution"]),
    dropAllOf(instance: string) {
      for (const statement of dropOf) statement.run(instance);
    },
  };
}
