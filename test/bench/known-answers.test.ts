import assert from "node:assert/strict";
import { test } from "node:test";
import { secondsOfHold } from "../../bench/simulation/demand.ts";
import { createGateways } from "../../bench/simulation/gateways.ts";
import { arrivalsPerSecond, type Load } from "../../bench/simulation/loads.ts";
import { meanOverRecorded } from "../../bench/simulation/operations.ts";
import { createRandom, drawGap } from "../../bench/simulation/random.ts";
import { createBucket, createServers } from "../../bench/simulation/resources.ts";
import { runLoad } from "../../bench/simulation/run-load.ts";
import { createScheduler, type Process } from "../../bench/simulation/scheduler.ts";
import { spreadOf } from "../../bench/simulation/spread.ts";
import { createTaskHub } from "../../bench/simulation/task-hub.ts";
import { coreSecondsPerItem } from "../../bench/work-per-request.ts";

// The parts of the simulation, and the whole of it, held to what is known without it.

test("the scheduler runs steps in order of time, and those of one time in order of their resuming", () => {
  const scheduler = createScheduler();
  const seen: string[] = [];
  function* walk(name: string, times: readonly number[]): Process {
    for (const time of times) seen.push(`${name} ${yield time}`);
  }
  scheduler.resume(walk("a", [3, 5, 9]), 0);
  scheduler.resume(walk("b", [3, 4, 9]), 1);
  scheduler.run();
  assert.deepEqual(seen, ["a 3", "b 3", "b 4", "a 5", "b 9", "a 9"]);
});

test("the scheduler keeps the order of ten thousand random times", () => {
  const scheduler = createScheduler();
  const random = createRandom(3);
  const seen: number[] = [];
  function* note(): Process {
    seen.push(yield random() * 1000);
  }
  for (let index = 0; index < 10_000; index++) scheduler.resume(note(), 0);
  scheduler.run();
  assert.equal(seen.length, 10_000);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});

test("random numbers are even, and repeat with their seed", () => {
  const draw = (seed: number) => Array.from({ length: 100_000 }, createRandom(seed));
  const numbers = draw(1);
  assert.deepEqual(numbers, draw(1));
  assert.notDeepEqual(numbers, draw(2));
  assert.ok(Math.abs(spreadOf(numbers).mean - 0.5) < 0.01);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    assert.ok(Math.abs(share - 0.1) < 0.01, `${tenth}: ${share}`);
  }
});

test("a bucket gives its burst at once, then its rate, and never more than its burst after a pause", () => {
  const bucket = createBucket({ perSecond: 2, burst: 10 });
  assert.equal(bucket.take(0, 10), 0);
  assert.equal(bucket.take(0, 4), 2);
  assert.equal(bucket.take(0, 1), 2.5);
  assert.equal(bucket.take(100, 10), 100);
  assert.equal(bucket.take(100, 1), 100.5);
});

test("a bucket never gives more than its rate and its burst allow", () => {
  const bucket = createBucket({ perSecond: 25, burst: 250 });
  const random = createRandom(5);
  let [time, taken] = [0, 0];
  for (let call = 0; call < 10_000; call++) {
    time += drawGap(random, 10);
    const tokens = 1 + Math.floor(random() * 7);
    taken += tokens;
    const ready = bucket.take(time, tokens);
    assert.ok(taken <= 250 + 25 * ready + 1e-6);
  }
});

test("one server with random arrivals and equal jobs: the mean wait of M/D/1", () => {
  for (const load of [0.3, 0.5, 0.8]) {
    const servers = createServers(1);
    const random = createRandom(7);
    let time = 0;
    const waits = Array.from({ length: 200_000 }, () => {
      time += drawGap(random, load);
      return servers.serve(time, 0, 1) - 1 - time;
    });
    const expected = load / (2 * (1 - load));
    const { mean } = spreadOf(waits);
    assert.ok(Math.abs(mean - expected) < 0.05 * expected, `load ${load}: ${mean} instead of ${expected}`);
  }
});

test("a job goes to the server that is free first", () => {
  const servers = createServers(2);
  assert.deepEqual(
    [servers.serveAnywhere(0, 5), servers.serveAnywhere(0, 1), servers.serveAnywhere(0, 1), servers.serve(0, 0, 1)],
    [5, 1, 2, 6],
  );
});

test("turns wait for the instance of their partition, activities for any instance", () => {
  const setup = { partitions: 4, instances: 2, coresPerInstance: 1 };
  const [hub, idle] = [createTaskHub(setup), createTaskHub(setup)];
  const turns = { orchestratorTurns: 6, entityTurns: 4, activities: 0, storageTransactions: 0 };
  const both = { ...turns, activities: 10 };
  const items = (seconds: number) => Math.abs(Math.round(seconds / coreSecondsPerItem));
  const done = [hub.work(0, 0, turns), hub.work(0, 2, turns), hub.work(0, 1, turns), idle.work(0, 0, both)];
  assert.deepEqual(
    done.map(({ at, waited }) => [items(at), items(waited)]),
    [
      [10, 0],
      [20, 10],
      [10, 0],
      [20, 0],
    ],
  );
});

test("a gateway has one holder at a time, in the order of joining", () => {
  const scheduler = createScheduler();
  const gateways = createGateways(1, scheduler);
  const held: (readonly [name: number, from: number, until: number])[] = [];
  function* hold(name: number, self: () => Process): Process {
    let now = yield name;
    if (!gateways.join(0, self())) now = yield null;
    const until = yield now + 10;
    gateways.release(0, until);
    held.push([name, now, until]);
  }
  for (let name = 0; name < 4; name++) {
    const process: Process = hold(name, () => process);
    scheduler.resume(process, 0);
  }
  scheduler.run();
  assert.deepEqual(held, [
    [0, 0, 10],
    [1, 10, 20],
    [2, 20, 30],
    [3, 30, 40],
  ]);
});

test("the whole simulation with one gateway: the mean wait of M/G/1 (Pollaczek and Khinchine)", () => {
  // So many cores that only the gateway makes anybody wait.
  const setup = { partitions: 1, instances: 1, coresPerInstance: 1000 };
  for (const requestsPerDay of [300, 500]) {
    const load: Load = { name: "one gateway", requestsPerDay, arrivals: "steady", gateways: 1, setup };
    const rate = arrivalsPerSecond(load);
    const hold = meanOverRecorded((times) => secondsOfHold(setup, times));
    const squared = meanOverRecorded((times) => secondsOfHold(setup, times) ** 2);
    const expected = (rate * squared) / (2 * (1 - rate * hold));
    const { waits, loadOf } = runLoad(load);
    const mean = waits?.gateway.mean ?? Number.NaN;
    assert.ok(Math.abs(loadOf.gateways - rate * hold) < 0.02, `${loadOf.gateways} instead of ${rate * hold}`);
    assert.ok(Math.abs(mean - expected) < 0.1 * expected, `${requestsPerDay} a day: ${mean} s instead of ${expected} s`);
  }
});
