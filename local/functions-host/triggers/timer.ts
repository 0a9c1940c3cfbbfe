import type { Clock } from "../../clock.ts";
import type { RegisteredFunction } from "../app/functions-core.ts";
import { type App, triggerOf } from "../app/load-app.ts";

const ranges = [
  ["second", 0, 59],
  ["minute", 0, 59],
  ["hour", 0, 23],
  ["day", 1, 31],
  ["month", 1, 12],
  ["day of week", 0, 6],
] as const;

/**
 * Calls a function on its schedule, in UTC. A run that takes longer than the interval is never run
 * twice at the same time.
 */
export function startTimerTrigger(app: App, target: RegisteredFunction, clock: Clock, durableClient: string) {
  const schedule = String(triggerOf(target)["schedule"]);
  let running: Promise<unknown> = Promise.resolve();
  let cancel = () => {};
  const arm = () => {
    cancel = clock.setTimer(findNextOccurrence(schedule, clock.now()), () => {
      const trigger = { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }) };
      running = app.invoke(target, { trigger, durableClient }).catch((error: unknown) => {
        app.log({
          level: "error",
          category: "host",
          function: target.name,
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      });
      void running.finally(arm);
    });
  };
  arm();
  return {
    async close() {
      cancel();
      await running;
      cancel();
    },
  };
}

/**
 * Returns the first time after `after` (both in milliseconds since the Unix epoch) that matches a
 * six-field NCRONTAB expression (https://github.com/atifaziz/NCrontab).
 */
export function findNextOccurrence(expression: string, after: number): number {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== ranges.length) throw new Error(`A schedule must have six fields. Found "${expression}".`);
  const [seconds, minutes, hours, days, months, weekdays] = fields.map((field, index) =>
    valuesOf(field, ranges[index] as (typeof ranges)[number]),
  ) as Set<number>[];
  const dayFits = (date: Date) => months?.has(date.getUTCMonth() + 1) && days?.has(date.getUTCDate()) && weekdays?.has(date.getUTCDay());
  const start = new Date(Math.floor(after / 1000) * 1000 + 1000);
  for (let day = 0; day < 366 * 5; day++) {
    const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + day));
    if (!dayFits(date)) continue;
    for (const hour of hours ?? []) {
      for (const minute of minutes ?? []) {
        for (const second of seconds ?? []) {
          const time = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
          if (time >= start.getTime()) return time;
        }
      }
    }
  }
  throw new Error(`The schedule "${expression}" names no time.`);
}

function valuesOf(field: string, [name, least, most]: (typeof ranges)[number]): Set<number> {
  const values = field.split(",").flatMap((part) => {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) throw new Error(`The development host does not understand "${part}" as ${name} of a schedule.`);
    const from = match[1] === undefined ? least : Number(match[1]);
    const to = match[2] !== undefined ? Number(match[2]) : match[1] === undefined || match[3] !== undefined ? most : from;
    const step = Number(match[3] ?? 1);
    if (from < least || to > most || step < 1) throw new Error(`"${part}" is not a valid ${name} of a schedule.`);
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  });
  return new Set(values.sort((a, b) => a - b));
}
