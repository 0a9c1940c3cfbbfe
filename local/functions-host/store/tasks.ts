import type { Database } from "./open.ts";

/** A waiting activity. `input` is JSON text. */
export interface Work {
  readonly instance: string;
  readonly task: number;
  readonly name: string;
  readonly input: string;
}

/** An activity that a former process left, and when it becomes visible. */
export interface WaitingWork extends Work {
  readonly visibleAt: number;
}

/** A waiting timer, in milliseconds since the Unix epoch. */
export interface Timer {
  readonly instance: string;
  readonly task: number;
  readonly fireAt: number;
}

/**
 * Creates access to the tables of open tasks: activities and timers. A row stays until its
 * completion event is in the inbox.
 */
export function openTaskTables({ sql }: Database) {
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
    /**
     * Removes an activity. Returns false if it was already removed, because its instance may have
     * ended.
     */
    dropWork: (instance: string, task: number): boolean => dropWork.run(instance, task).changes > 0,
    work: (): WaitingWork[] => allWork.all() as unknown as WaitingWork[],
    /**
     * Counts one more start of the host for all waiting activities. Returns those that have been
     * there for at least this many starts in a row.
     */
    countStart(starts: number): (Pick<Work, "instance" | "task"> & { readonly starts: number })[] {
      forgetLeft.run();
      countLeft.run();
      return isLeft.all(starts) as unknown as (Pick<Work, "instance" | "task"> & { starts: number })[];
    },
    /** Stores until when a process has taken this activity. 0 stores nothing. */
    takeWork(instance: string, task: number, until: number) {
      if (until > 0) takeWork.run(until, instance, task);
    },
    addTimer: ({ instance, task, fireAt }: Timer) => void addTimer.run(instance, task, fireAt),
    dropTimer: (instance: string, task: number): boolean => dropTimer.run(instance, task).changes > 0,
    timers: (): Timer[] => allTimers.all() as unknown as Timer[],
    /**
     * Returns the execution of an instance. A new start under the id of an ended instance is
     * another execution, and counts its tasks from 0.
     */
    executionOf: (instance: string): string => String(execution.get(instance)?.["execution"]),
    dropAllOf(instance: string) {
      for (const statement of dropOf) statement.run(instance);
    },
  };
}
