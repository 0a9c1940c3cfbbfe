import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { changing } from "./app/changing.ts";
import { held } from "./app/held.ts";
import { startSample } from "./host.ts";

// An instance that has ended is replaced by a start under its id; what the old one still had
// running must not reach the new one, which counts its tasks from 0 again.

let sample: Awaited<ReturnType<typeof startSample>>;
beforeEach(async () => {
  sample = await startSample();
});
afterEach(() => sample.stop());

const terminated = async (id: string) => {
  await sample.call("POST", `${sample.base}/instances/${id}/terminate?reason=r`);
  await eventually("it is terminated", async () => (await sample.statusOf(id)).runtimeStatus === "Terminated");
};

test("the result of an activity that the old one left running is dropped", async () => {
  const [old, own] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  held.until = old.promise;
  await sample.start("holds", null, "same");
  await eventually("the activity has begun", () => held.begun === 1);
  await terminated("same");
  held.until = own.promise;
  await sample.start("holds", null, "same");
  await eventually("the new one's activity has begun beside it", () => held.begun === 2);
  old.resolve();
  await eventually("the old one's activity is over", () => held.ended === 1);
  assert.equal((await sample.statusOf("same")).runtimeStatus, "Running");
  own.resolve();
  assert.deepEqual((await sample.ends("same")).output, ["held", "then"]);
  assert.equal(held.begun, 2);
});

test("the timers of an old one that was terminated are gone", async () => {
  await sample.start("waits", null, "same");
  await eventually("the timer waits", () => sample.clock.pending().length === 1);
  await terminated("same");
  assert.deepEqual(sample.clock.pending(), []);
});

test("the timers of an old one that failed on replay are gone", async () => {
  changing.now = ["either", "timer"];
  await sample.start("changesItsMind", null, "same");
  await eventually("both timers wait", () => sample.clock.pending().length === 2);
  changing.now = ["both"];
  await sample.call("POST", `${sample.base}/instances/same/raiseEvent/Other`, 1);
  await eventually("it failed", async () => (await sample.statusOf("same")).runtimeStatus === "Failed");
  assert.deepEqual(sample.clock.pending(), []);
});
