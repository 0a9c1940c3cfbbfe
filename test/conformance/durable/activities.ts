import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { type Driver, EARLIEST_MS } from "./driver.ts";

const failedActivity = /Activity function 'fail' failed: +no luck/;

/**
 * Activities, their inputs, results and failures
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-serialization-and-persistence,
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-error-handling).
 */
export function activities({ run, start, isIn }: Driver): void {
  test("a history of some hundred events is replayed to its end", async () => {
    const inputs = Array.from({ length: 40 }, (_, index) => index);
    assert.deepEqual(await run("echoes", inputs), inputs);
  });

  // Texts that look like JSON stay texts: the SDK encodes them before the host hands them on
  // (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/actions/CallActivityAction.ts).
  const values = [
    ["an object", { a: 1, b: { c: [null, true, "ä€😀"] } }],
    ["an empty object", {}],
    ["a list", [1, "two", null, [3]]],
    ["an empty list", []],
    ["a text", "text"],
    ["an empty text", ""],
    ["a text that looks like a number", "123"],
    ["a text that looks like an object", '{"a":1}'],
    ["a text of many lines", 'first\nsecond "third"'],
    ["a whole number", 7],
    ["a fraction", 1.5],
    ["zero", 0],
    ["a negative number", -3],
    ["null", null],
  ] as const;
  for (const [what, value] of values) {
    test(`an activity is given ${what} and gives it back`, async () => assert.deepEqual(await run("echoes", [value]), [value]));
  }

  test("results come one after the other, in the order of the calls", async () => {
    assert.deepEqual(await run("echoes", [3, 1, 2]), [3, 1, 2]);
  });

  test("an activity that answers nothing answers null", async () => assert.deepEqual(await run("answersNothing"), { answer: null }));

  test("an activity is told the id of its instance", async () => {
    const id = randomUUID();
    const { output } = await isIn(await start("asksForInstance", null, id), "Completed");
    assert.deepEqual(output, { seen: id, own: id, parent: null });
  });

  test("an orchestrator catches the failure of an activity as an Error with its message, and goes on", async () => {
    const { message, ...rest } = (await run("catches")) as { message: string };
    assert.match(message, failedActivity);
    assert.deepEqual(rest, { isError: true, after: "after" });
  });

  test("a failure that nobody catches fails the instance, which says why", async () => {
    const { output } = await isIn(await start("failsByActivity", null), "Failed");
    assert.match(String(output), /^Orchestrator function 'failsByActivity' failed: /);
    assert.match(String(output), failedActivity);
  });

  // The SDK's retry task waits for a timer after every failure and only then for the next attempt
  // (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/task/RetryableTask.ts); the
  // host runs both.
  test("the host retries after the interval, and success ends it", async () => {
    const { attempt, tookMs } = (await run("retried", { key: randomUUID(), failures: 1, attempts: 3, firstMs: 3_000 })) as Tried;
    assert.equal(attempt, 2);
    assert.ok(tookMs >= 3_000 - EARLIEST_MS, `${tookMs} ms`);
  });

  test("an activity that succeeds at once is not retried", async () => {
    const { attempt } = (await run("retried", { key: randomUUID(), failures: 0, attempts: 3, firstMs: 60_000 })) as Tried;
    assert.equal(attempt, 1);
  });

  test("the interval grows by the coefficient", async () => {
    const options = { failures: 2, attempts: 3, firstMs: 300, backoff: 10 };
    const { attempt, tookMs } = (await run("retried", { key: randomUUID(), ...options })) as Tried;
    assert.equal(attempt, 3);
    assert.ok(tookMs >= 3_300 - 2 * EARLIEST_MS, `${tookMs} ms`);
  });

  test("the interval grows no further than its maximum", async () => {
    const options = { failures: 2, attempts: 3, firstMs: 300, backoff: 1_000, maxMs: 5_000 };
    const { attempt, tookMs } = (await run("retried", { key: randomUUID(), ...options })) as Tried;
    assert.equal(attempt, 3);
    assert.ok(tookMs >= 5_300 - 2 * EARLIEST_MS && tookMs < 300_000, `${tookMs} ms`);
  });

  test("after the last attempt the last failure is thrown, without another interval, and the orchestrator goes on", async () => {
    const options = { failures: 9, attempts: 2, firstMs: 3_000, backoff: 1_000 };
    const { message, tookMs, after } = (await run("retried", { key: randomUUID(), ...options })) as Tried;
    assert.match(message, /failure 2/);
    assert.ok(tookMs >= 3_000 - EARLIEST_MS && tookMs < 3_000_000, `${tookMs} ms`);
    assert.equal(after, "after");
  });

  test("one attempt is no retry: the failure is thrown at once", async () => {
    const { message, tookMs } = (await run("retried", { key: randomUUID(), failures: 9, attempts: 1, firstMs: 600_000 })) as Tried;
    assert.match(message, /failure 1/);
    assert.ok(tookMs < 600_000, `${tookMs} ms`);
  });
}

interface Tried {
  readonly attempt: number;
  readonly message: string;
  readonly tookMs: number;
  readonly after: unknown;
}
