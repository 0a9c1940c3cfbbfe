import assert from "node:assert/strict";
import { test } from "node:test";
import { type Driver, EARLIEST_MS } from "./driver.ts";

/**
 * Timers and time
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers,
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-code-constraints).
 */
export function timers({ run, start, isIn }: Driver): void {
  test("a timer waits as long as it is told, or up to a second less", async () => {
    const took = Number(await run("sleeps", 5_000));
    assert.ok(took >= 5_000 - EARLIEST_MS, `${took} ms`);
  });

  test("a timer whose time has passed fires at once", async () => {
    const took = Number(await run("sleeps", -5_000));
    assert.ok(took >= 0, `${took} ms`);
  });

  test("a cancelled timer holds nothing back", async () => {
    const ended = await isIn(await start("leavesTimer", { milliseconds: 3_600_000, cancel: true }), "Completed");
    const { output, createdTime, lastUpdatedTime } = ended;
    const { won, cancelled } = output as { won: boolean; cancelled: boolean };
    assert.deepEqual([won, cancelled], [true, true]);
    assert.ok(Date.parse(lastUpdatedTime) - Date.parse(createdTime) < 3_600_000);
  });

  // "The orchestration isn't complete until all outstanding tasks, including timers, have finished"
  // (the page on timers).
  test("an instance is not completed before a timer that it has left open", async () => {
    const { createdTime, lastUpdatedTime } = await isIn(await start("leavesTimer", { milliseconds: 8_000, cancel: false }), "Completed");
    // Shown in whole seconds.
    const lastedMs = Date.parse(lastUpdatedTime) - Date.parse(createdTime);
    assert.ok(lastedMs >= 8_000 - EARLIEST_MS - 1_000, `it lasted ${lastedMs} ms`);
  });

  test("an orchestrator's time never runs back, passes its timers, and is the same in every replay", async () => {
    const { output, createdTime } = await isIn(await start("timeline", null), "Completed");
    const { times, replayed } = output as { times: string[]; replayed: boolean };
    const [first = 0, second = 0, third = 0] = times.map((time) => Date.parse(time));
    assert.equal(replayed, true);
    assert.ok(first >= Date.parse(createdTime) && second >= first && third >= second + 5_000 - EARLIEST_MS, times.join());
  });
}
