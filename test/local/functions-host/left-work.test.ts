import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createManualClock } from "../../../local/clock.ts";
import { createAlarms } from "../../../local/functions-host/durable/alarms.ts";
import { continueWork } from "../../../local/functions-host/durable/left-work.ts";
import { openDatabase } from "../../../local/functions-host/store/open.ts";
import { openTaskTables } from "../../../local/functions-host/store/tasks.ts";

test("work that three starts left waits as long as in Azure, one by one, and another one is first each time", () => {
  const directory = mkdtempSync(join(tmpdir(), "left-work-"));
  const database = openDatabase(directory);
  try {
    const tasks = openTaskTables(database);
    const clock = createManualClock(0);
    const add = (instance: string) => tasks.addWork({ instance, task: 1, name: "validate", input: "null" });
    /** What a start of the host wakes, and after how many seconds. */
    const start = (): [instance: string, seconds: number][] => {
      const began = clock.now();
      const woken: [string, number][] = [];
      const alarms = createAlarms(clock);
      continueWork(tasks, clock, alarms, ({ instance }) => woken.push([instance, (clock.now() - began) / 1000]));
      clock.advanceTo(began + 3_600_000);
      alarms.cancelAll();
      return woken;
    };
    for (const instance of ["a", "b"]) add(instance);
    const atOnce = [
      ["a", 0],
      ["b", 0],
    ];
    assert.deepEqual([start(), start()], [atOnce, atOnce]);
    assert.deepEqual(start(), [
      ["b", 300],
      ["a", 330],
    ]);
    assert.deepEqual(start(), [
      ["a", 300],
      ["b", 330],
    ]);
    add("c");
    tasks.dropWork("a", 1);
    assert.deepEqual(start(), [
      ["c", 0],
      ["b", 300],
    ]);
    assert.deepEqual(clock.pending(), []);
  } finally {
    database.close();
    rmSync(directory, { recursive: true });
  }
});
