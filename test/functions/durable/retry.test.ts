import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import { retryErrors } from "../../../functions/durable/retry.ts";

function pace() {
  const pauses: number[] = [];
  let time = 0;
  const now = () => new Date(time);
  const pause = async (milliseconds: number) => {
    pauses.push(milliseconds);
    time += milliseconds;
  };
  const logged: string[] = [];
  const context = { info: (line: string) => logged.push(line) } as unknown as InvocationContext;
  return {
    pauses,
    logged,
    time: () => time,
    run: <T>(attempt: () => Promise<T>) => retryErrors(attempt, { messageId: "m" }, context, { now, pause }),
  };
}

test("what succeeds at once is not waited for", async () => {
  const { run, pauses, logged } = pace();
  assert.equal(await run(async () => 5), 5);
  assert.deepEqual([pauses, logged], [[], []]);
});

test("what fails is tried again, more and more seldom, and every failure is told without its message", async () => {
  const { run, pauses, logged } = pace();
  let tries = 0;
  const answer = await run(async () => {
    if (++tries < 8) throw new TypeError("a secret address");
    return tries;
  });
  assert.equal(answer, 8);
  assert.deepEqual(
    pauses,
    [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000),
  );
  assert.deepEqual(new Set(logged), new Set(['{"step":"delayed","messageId":"m","error":"TypeError"}']));
});

test("after four minutes the last error is thrown, well within the function's time-out", async () => {
  const { run, time } = pace();
  let tries = 0;
  await assert.rejects(
    run(async () => Promise.reject(new Error(`try ${++tries}`))),
    () => true,
  );
  assert.ok(tries > 10, `${tries} tries`);
  assert.ok(time() > 200_000 && time() <= 240_000, `${time()} ms`);
});
