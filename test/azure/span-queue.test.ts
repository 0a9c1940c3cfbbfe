import assert from "node:assert/strict";
import { test } from "node:test";
import { createSpanQueue } from "../../azure/span-queue.ts";
import type { SpanRecord } from "../../shared/tracing/span.ts";
import { eventually } from "../support/eventually.ts";

const span = (name: string): SpanRecord => ({
  name,
  kind: "client",
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  parentSpanId: null,
  startedAt: 0,
  endedAt: 1,
  attributes: {},
  events: [],
  failed: false,
});
const spans = (count: number) => Array.from({ length: count }, (_, index) => span(String(index)));
const away = async () => Promise.reject(Object.assign(new Error("secret text"), { code: "ECONNREFUSED" }));

test("what was added is sent in order, in batches of at most 512, one at a time", async () => {
  const sent: string[][] = [];
  let running = 0;
  const queue = createSpanQueue(async (batch) => {
    running++;
    assert.equal(running, 1);
    await new Promise(setImmediate);
    sent.push(batch.map(({ name }) => name));
    running--;
  });
  queue.add(spans(1_200));
  queue.add([span("last")]);
  await eventually("all are sent", () => sent.flat().length === 1_201);
  assert.deepEqual(
    sent.map(({ length }) => length),
    [512, 512, 177],
  );
  assert.deepEqual(
    sent.flat(),
    [...spans(1_200), span("last")].map(({ name }) => name),
  );
  assert.equal(queue.takeDropped(), undefined);
});

test("without a flush the spans are sent soon", async () => {
  let sent = 0;
  const queue = createSpanQueue(async (batch) => {
    sent += batch.length;
  });
  queue.add(spans(3));
  assert.equal(sent, 0);
  await eventually("the spans are sent", () => sent === 3, 10_000);
});

test("a receiver that falls silent: 2,048 spans wait, the others are lost, and one flush waits a second, no other", async () => {
  const batches: number[] = [];
  const queue = createSpanQueue(async (batch) => {
    batches.push(batch.length);
    if (batches.length > 1) await new Promise(() => {});
  });
  queue.add(spans(1));
  await eventually("the first batch is sent", () => batches.length === 1);
  queue.add(spans(512));
  await eventually("the second batch is on its way", () => batches.length === 2);
  for (let count = 0; count < 50; count++) queue.add(spans(100));
  await new Promise(setImmediate);
  assert.deepEqual(batches, [1, 512]);
  assert.deepEqual(queue.takeDropped(), { dropped: 5_000 - 2_048, error: "QueueFull" });
  const since = performance.now();
  await queue.flush();
  const first = performance.now() - since;
  assert.ok(first > 900 && first < 3_000, `${first} ms`);
  const again = performance.now();
  for (let count = 0; count < 20; count++) await queue.flush();
  assert.ok(performance.now() - again < 500, "nothing waits for a receiver that was silent");
});

test("before the first batch the receiver is waited for; a silent one only once", async () => {
  const queue = createSpanQueue(() => new Promise(() => {}));
  queue.add(spans(1));
  const since = performance.now();
  await queue.flush();
  const first = performance.now() - since;
  assert.ok(first > 900 && first < 3_000, `${first} ms`);
  const again = performance.now();
  await queue.flush();
  assert.ok(performance.now() - again < 500);
});

test("the first answer of a process is sent before its flush ends", async () => {
  const sent: string[] = [];
  const queue = createSpanQueue(async (batch) => {
    await new Promise(setImmediate);
    sent.push(...batch.map(({ name }) => name));
  });
  queue.add([span("first")]);
  await queue.flush();
  assert.deepEqual(sent, ["first"]);
});

test("a receiver that is away: spans are lost and counted, reported once a minute, without the text of the error", async () => {
  let now = 0;
  const queue = createSpanQueue(away, () => now);
  /** Full batches are sent at once. */
  const lose = async () => {
    queue.add(spans(512));
    await new Promise(setImmediate);
  };
  await lose();
  assert.deepEqual(queue.takeDropped(), { dropped: 512, error: "ECONNREFUSED" });
  await lose();
  now = 59_999;
  assert.equal(queue.takeDropped(), undefined);
  await lose();
  now = 60_000;
  assert.deepEqual(queue.takeDropped(), { dropped: 1_024, error: "ECONNREFUSED" });
});

test("a receiver that is back gets the spans of then, and is waited for again", async () => {
  let isAway = true;
  const sent: string[] = [];
  const queue = createSpanQueue(async (batch) => {
    if (isAway) return away();
    await new Promise(setImmediate);
    sent.push(...batch.map(({ name }) => name));
  });
  queue.add(spans(512));
  await new Promise(setImmediate);
  isAway = false;
  queue.add([span("first")]);
  await queue.flush();
  assert.equal(sent.length, 0, "it may still be away");
  await eventually("it is sent", () => sent.includes("first"));
  queue.add([span("second")]);
  await queue.flush();
  assert.deepEqual(sent, ["first", "second"]);
});
