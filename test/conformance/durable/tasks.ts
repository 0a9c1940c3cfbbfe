import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver } from "./driver.ts";

/**
 * Many tasks at once
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-cloud-backup and
 * -error-handling).
 */
export function tasks({ run }: Driver): void {
  test("all: every result, in the order of the tasks", async () => {
    const values = Array.from({ length: 12 }, (_, index) => index);
    assert.deepEqual(await run("all", values), values);
  });

  test("all: one failure is thrown, and the orchestrator goes on", async () => {
    const { message, after } = (await run("allWithFailure")) as { message: string; after: string };
    assert.match(message, /Activity function 'fail' failed: +one of them/);
    assert.equal(after, "after");
  });

  test("any: the first is the winner and has its result; a wait for an event that is left open holds nothing back", async () => {
    assert.deepEqual(await run("any"), { won: true, result: "fast" });
  });

  test("any of alls: the one that is whole first wins", async () =>
    assert.deepEqual(await run("anyOfAlls"), { won: true, result: [1, 2] }));

  test("retries side by side do not mix up their attempts", async () => {
    assert.deepEqual(await run("retriesSideBySide"), [4, "between", 2]);
  });

  // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-code-constraints#guids-and-uuids
  test("new GUIDs differ from each other and are the same in every replay", async () => {
    assert.deepEqual(await run("guids"), { differ: true, replayed: true });
  });
}
