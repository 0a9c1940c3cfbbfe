import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createManualClock } from "../../../local/clock.ts";
import type { App } from "../../../local/functions-host/app/load-app.ts";
import { findNextOccurrence, startTimerTrigger } from "../../../local/functions-host/triggers/timer.ts";

// Schedules
// (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions,
// https://github.com/atifaziz/NCrontab).

const after = "2026-02-27T10:20:30.500Z"; // a Friday
const schedules = [
  ["* * * * * *", "2026-02-27T10:20:31.000Z"],
  ["*/15 * * * * *", "2026-02-27T10:20:45.000Z"],
  ["30 * * * * *", "2026-02-27T10:21:30.000Z"],
  ["0 */5 * * * *", "2026-02-27T10:25:00.000Z"],
  ["0 7/10 * * * *", "2026-02-27T10:27:00.000Z"],
  ["0 0 * * * *", "2026-02-27T11:00:00.000Z"],
  ["0 0 9-17 * * *", "2026-02-27T11:00:00.000Z"],
  ["0 0 9-17/4 * * *", "2026-02-27T13:00:00.000Z"],
  ["0 30 9 * * *", "2026-02-28T09:30:00.000Z"],
  ["0 0 0 1 * *", "2026-03-01T00:00:00.000Z"],
  ["0 0 8,20 * * *", "2026-02-27T20:00:00.000Z"],
  ["0 30 9 * * 1-5", "2026-03-02T09:30:00.000Z"],
  ["0 0 0 * * 0", "2026-03-01T00:00:00.000Z"],
  ["0 0 0 31 * *", "2026-03-31T00:00:00.000Z"],
  ["0 0 0 29 2 *", "2028-02-29T00:00:00.000Z"],
  ["0 0 0 1 1 *", "2027-01-01T00:00:00.000Z"],
  // Both must fit, unlike in other crons.
  ["0 0 0 13 * 5", "2026-03-13T00:00:00.000Z"],
] as const;
for (const [schedule, next] of schedules) {
  test(`"${schedule}" comes next at ${next}`, () => {
    assert.equal(new Date(findNextOccurrence(schedule, Date.parse(after))).toISOString(), next);
  });
}

const wrong = [
  ["*/5 * * * *", /schedule must have six fields\. Found "\*\/5 \* \* \* \*"/],
  ["00:05:00", /schedule must have six fields/],
  ["60 * * * * *", /"60" is not a valid second of a schedule/],
  ["0 0 24 * * *", /"24" is not a valid hour of a schedule/],
  ["0 0 0 * * Mon", /does not understand "Mon" as day of week of a schedule/],
  ["0 0 0 31 2 *", /names no time/],
] as const;
for (const [schedule, message] of wrong) {
  test(`"${schedule}" is refused`, () => assert.throws(() => findNextOccurrence(schedule, Date.parse(after)), message));
}

/** A function every minute, on a clock that stands still. */
function everyMinute(handle: () => Promise<void> | void) {
  const clock = createManualClock(Date.parse(after));
  const runs: string[] = [];
  const log: string[] = [];
  const app: App = {
    directory: "",
    functions: [],
    log: ({ message }) => log.push(message),
    terminate: async () => {},
    async invoke() {
      runs.push(new Date(clock.now()).toISOString());
      await handle();
      return { returned: undefined, result: undefined };
    },
  };
  const bindings = { timer: { type: "timerTrigger", direction: "in" as const, schedule: "0 * * * * *" } };
  const trigger = startTimerTrigger(app, { name: "tick", bindings, metadata: {}, callback: () => {} }, clock, "");
  const pass = async (time: string) => {
    clock.advanceTo(Date.parse(time));
    await turn();
  };
  return { clock, runs, log, trigger, pass };
}

test("a function runs when its time has come, again and again, whatever it throws", async () => {
  const { runs, log, pass, trigger } = everyMinute(() => {
    throw new Error("no luck");
  });
  await pass("2026-02-27T10:20:59.999Z");
  assert.deepEqual(runs, []);
  await pass("2026-02-27T10:21:00.000Z");
  await pass("2026-02-27T10:22:00.000Z");
  assert.deepEqual(runs, ["2026-02-27T10:21:00.000Z", "2026-02-27T10:22:00.000Z"]);
  assert.match(String(log[0]), /no luck/);
  await trigger.close();
});

test("a run that takes longer than its interval is not run twice at once", async () => {
  const gate = Promise.withResolvers<void>();
  const { runs, pass, trigger } = everyMinute(() => gate.promise);
  await pass("2026-02-27T10:21:00.000Z");
  await pass("2026-02-27T10:25:30.000Z");
  assert.equal(runs.length, 1);
  gate.resolve();
  await turn();
  await pass("2026-02-27T10:26:00.000Z");
  assert.deepEqual(runs.slice(1), ["2026-02-27T10:26:00.000Z"]);
  await trigger.close();
});

test("a trigger that is closed lets its run end, and runs no more", async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, runs, pass, trigger } = everyMinute(() => gate.promise);
  await pass("2026-02-27T10:21:00.000Z");
  const closed = trigger.close();
  assert.equal(await Promise.race([closed, turn("waits")]), "waits");
  gate.resolve();
  await closed;
  await pass("2026-02-27T11:00:00.000Z");
  assert.deepEqual([runs.length, clock.pending()], [1, []]);
});
