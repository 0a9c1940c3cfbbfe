import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver } from "./driver.ts";

/**
 * External events
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-external-events).
 * They are "delivered at least once": one may
 * come again, after others that were raised later.
 */
export function events({ start, isIn, shows, raise }: Driver): void {
  const contents = [
    ["an object", { by: "me", at: [1] }],
    ["a text", "text"],
    ["a number", 0],
    ["null", null],
    ["true", true],
  ] as const;
  for (const [what, content] of contents) {
    test(`an event carries ${what}`, async () => {
      const id = await start("waitsFor", ["Told"]);
      await shows(id, { waitsFor: "Told" });
      await raise(id, "Told", content);
      assert.deepEqual((await isIn(id, "Completed")).output, [content]);
    });
  }

  test("an event that comes before it is waited for is kept", async () => {
    const id = await start("waitsFor", ["First", "Second"]);
    await shows(id, { waitsFor: "First" });
    await raise(id, "Second", 2);
    await raise(id, "First", 1);
    assert.deepEqual((await isIn(id, "Completed")).output, [1, 2]);
  });

  test("events of one name that are kept come in the order in which they were raised", async () => {
    const id = await start("waitsFor", ["Open", "Item", "Item", "Item"]);
    await shows(id, { waitsFor: "Open" });
    for (const item of [1, 2, 3]) await raise(id, "Item", item);
    await raise(id, "Open", "open");
    const [opened, ...items] = (await isIn(id, "Completed")).output as unknown[];
    const different = [...new Set(items)];
    assert.deepEqual([opened, ...different], ["open", 1, 2, 3].slice(0, different.length + 1));
  });

  test("an event that nobody waits for is no hindrance", async () => {
    const id = await start("waitsFor", ["Go"]);
    await raise(id, "Unknown", 1);
    await raise(id, "Go", 2);
    assert.deepEqual((await isIn(id, "Completed")).output, [2]);
  });

  // The SDK keeps waiters of one name on a stack
  // (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/orchestrations/TaskOrchestrationExecutor.ts,
  // setTaskValue).
  test("of two waiters for one name each gets one event, the later waiter the earlier event", async () => {
    const id = await start("twoWaiters", null);
    await shows(id, "waits");
    await raise(id, "Same", "earlier");
    await raise(id, "Same", "later");
    const { first, second } = (await isIn(id, "Completed")).output as { first: string; second: string };
    assert.equal(second, "earlier");
    assert.ok(["later", "earlier"].includes(first), first);
  });

  // As above: the SDK looks the name up as it was raised. (In .NET names are compared without
  // case.)
  test("names of events are compared with their case", async () => {
    const id = await start("firstOf", ["Go", "End"]);
    await shows(id, "waits");
    await raise(id, "go", null);
    await raise(id, "End", null);
    assert.equal((await isIn(id, "Completed")).output, "End");
  });

  test("an event wins against a timer", async () => {
    const id = await start("eventOrTimeout", { milliseconds: 3_600_000 });
    await shows(id, "waits");
    await raise(id, "Approval", { by: "me" });
    assert.deepEqual((await isIn(id, "Completed")).output, { approved: { by: "me" } });
  });

  test("without the event the timer wins, and the open wait holds nothing back", async () => {
    assert.equal((await isIn(await start("eventOrTimeout", { milliseconds: 1_000 }), "Completed")).output, "timed out");
  });
}
