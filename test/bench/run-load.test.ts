import assert from "node:assert/strict";
import { test } from "node:test";
import { type Resource, resources } from "../../bench/simulation/demand.ts";
import type { Load } from "../../bench/simulation/loads.ts";
import { asRecorded, pollTimesOf, recordedTimes } from "../../bench/simulation/operations.ts";
import { runLoad, type Waits } from "../../bench/simulation/run-load.ts";

// What must hold for every load: nothing gets lost, the same seed gives the same result, and more
// work never makes anything shorter.

const night: Load = {
  name: "",
  requestsPerDay: 3_000,
  arrivals: "night",
  gateways: 50,
  setup: { partitions: 4, instances: 4, coresPerInstance: 1 },
};
const steady: Load = { ...night, arrivals: "steady" };

function waitsOf(load: Load, seed?: number): Waits {
  const { waits } = runLoad(load, seed);
  assert.ok(waits);
  return waits;
}

test("every request that arrives is completed", () => {
  for (const load of [steady, night]) {
    const { requests, waits } = runLoad(load);
    assert.ok(requests > 10_000);
    assert.equal(waits?.completed, requests);
  }
});

test("the same seed gives the same outcome, and another one nearly the same", () => {
  assert.deepEqual(runLoad(night, 4), runLoad(night, 4));
  const [one, other] = [runLoad(night, 4).loadOf, runLoad(night, 5).loadOf];
  for (const resource of resources) assert.ok(Math.abs(one[resource] / other[resource] - 1) < 0.1, resource);
});

test("no request is answered before its operation has ended, and no wait is negative", () => {
  const { endToEnd, gateway, other } = waitsOf(night);
  const shortest = Math.min(...recordedTimes.map(({ seconds }) => seconds));
  assert.ok(endToEnd.p50 > shortest && endToEnd.p50 <= endToEnd.p95);
  assert.ok(gateway.p50 >= 0 && other.p50 >= -1e-6);
});

test("more requests load every resource more, and wait longer", () => {
  const outcomes = [1_000, 2_000, 4_000, 8_000].map((requestsPerDay) => runLoad({ ...night, requestsPerDay }));
  for (const [index, outcome] of outcomes.slice(1).entries()) {
    const before = outcomes[index];
    for (const resource of resources) assert.ok(outcome.loadOf[resource] > (before?.loadOf[resource] ?? 0), resource);
    assert.ok((outcome.waits?.gateway.mean ?? 0) > (before?.waits?.gateway.mean ?? 0));
  }
});

test("more gateways, instances and partitions load their resource less", () => {
  const loadWith = (resource: Resource, change: Partial<Load>) => runLoad({ ...night, ...change }).loadOf[resource];
  const wide = { partitions: 16, instances: 16, coresPerInstance: 1 };
  assert.ok(loadWith("gateways", { gateways: 100 }) < loadWith("gateways", {}) / 1.8);
  assert.ok(loadWith("instances", { setup: wide }) < loadWith("instances", {}) / 3.5);
  assert.ok(loadWith("partitions", { setup: wide }) < loadWith("partitions", {}) / 3.5);
  // Without partitions for them, further instances do no turns.
  const narrow = { ...wide, partitions: 4 };
  assert.ok(loadWith("partitions", { setup: narrow }) > loadWith("partitions", {}) * 0.95);
});

test("what piles up is named: no waits for a load that is too much, and goes on", () => {
  const tooMuch = runLoad({ ...steady, requestsPerDay: 1_000_000, gateways: 5_000 });
  assert.ok(tooMuch.loadOf.reads > 1);
  assert.equal(tooMuch.waits, null);
});

test("a recorded change is polled as often as its client polled it", () => {
  const polls = ({ seconds }: { readonly seconds: number }) =>
    pollTimesOf(seconds, { retryAfter: asRecorded, lateSeconds: 1, seed: "" }).map(Math.round);
  assert.deepEqual(recordedTimes.map(polls), [
    [11, 22],
    [11, 22, 43],
    [11, 22, 43, 84],
    [11, 22, 43, 84, 165],
    [11, 22, 43, 84, 165],
  ]);
});
