import assert from "node:assert/strict";
import { test } from "node:test";
import { sendPairsOfPayloads, sendPairsOfRequests } from "../support/bursts.ts";
import { startDevStack } from "../support/dev-stack.ts";

// Messages that come nearly at the same moment, on the Durable Task extension. It starts them in any
// order, and accepts two starts of one id.

const PAIRS = 10;
const BOUND_MS = 120_000;

test("bursts: the newer of two requests stands in the end, and two payloads under one id have an answer each", async (t) => {
  const stack = await startDevStack();
  t.after(() => stack.stop());
  const [requests, payloads] = await Promise.all([
    sendPairsOfRequests(stack.ask, { pairs: PAIRS, longestGapMs: 50, boundMs: BOUND_MS }),
    sendPairsOfPayloads(stack.ask, { pairs: PAIRS, boundMs: BOUND_MS, firstGateway: PAIRS + 1 }),
  ]);
  for (const { answers, last } of requests) {
    const [older = [], newer = []] = answers;
    assert.deepEqual([last, newer], ["newer", ["Succeeded", null]]);
    assert.ok(["Succeeded", "Superseded"].includes(older[1] ?? String(older[0])), older.join());
  }
  for (const answers of payloads) assert.deepEqual(answers, ["RequestIdConflict", "Succeeded"]);
});
