import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { ManualClock } from "../../../local/clock.ts";
import { calm, type Roughness } from "../../../local/functions-host/durable/roughness.ts";
import { eventually } from "../../support/eventually.ts";
import { held } from "./app/held.ts";
import { startSample } from "./host.ts";

// What the engine does where it is told to be rough, one thing at a time, on a clock that stands
// still.

type Sample = Awaited<ReturnType<typeof startSample>>;
let sample: Sample;
let letGo = () => {};
afterEach(async () => {
  letGo();
  await sample?.stop();
});

/** Runs the sample app on an engine that is calm but for what is given. */
async function startRough(rough: (clock: ManualClock) => Partial<Roughness>): Promise<Sample> {
  sample = await startSample({ roughness: (clock) => ({ ...calm, ...rough(clock) }) });
  return sample;
}
const statusOf = async (id: string) => (await sample.statusOf(id)).runtimeStatus;
const raise = (id: string, content: unknown) => sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Told`, content);

test("a start is seen when its time has come: what was started later may run before, and a kill loses nothing", async () => {
  const delays = [2_000, 500];
  const { clock, start, ends } = await startRough(({ now }) => ({ startComesAt: () => now() + (delays.shift() ?? 0) }));
  const began = clock.now();
  const [late, early] = [await start("chain", "late"), await start("chain", "early")];
  clock.advanceTo(began + 500);
  assert.deepEqual(
    (await eventually("the early one ends", async () => (await statusOf(early)) === "Completed")) && (await statusOf(late)),
    "Pending",
  );
  await sample.crashAndRestart();
  assert.deepEqual(clock.pending(), [began + 2_000], "it waits in the store");
  clock.advanceTo(began + 1_999);
  assert.equal(await statusOf(late), "Pending");
  assert.equal(((await ends(late)).output as { input: unknown }).input, "late");
});

test("an event for an instance that waits for its start is seen after the start", async () => {
  const { start, ends } = await startRough(({ now }) => ({ startComesAt: () => now() + 2_000 }));
  const id = await start("hears", 1);
  assert.equal((await raise(id, "early")).status, 202);
  assert.deepEqual((await ends(id)).output, ["early"]);
});

test("messages are late each in its own way, and those between two keep their order", async () => {
  // The signal would be seen after the two calls that follow it.
  const delays = [5_000];
  const { start, ends } = await startRough(({ now }) => ({ messageComesAt: () => now() + (delays.shift() ?? 0) }));
  assert.equal((await ends(await start("usesEntity", null))).output, 12);
  delays.push(500, 400, 300, 200, 100);
  assert.deepEqual((await ends(await start("fanOut", null))).output, [11, 12, 13, 14, 15]);
});

test("events that an instance hears keep the order in which they were raised", async () => {
  const delays = [300, 200, 100];
  const { start, ends } = await startRough(({ now }) => ({ messageComesAt: () => now() + (delays.shift() ?? 0) }));
  const id = await start("hears", 3);
  for (const content of [1, 2, 3]) await raise(id, content);
  assert.deepEqual((await ends(id)).output, [1, 2, 3]);
});

test("a result that comes again is seen once by the orchestrator, and an event twice", async () => {
  const { start, ends } = await startRough(({ now }) => ({ messageComesAgainAt: () => now() + 100 }));
  assert.deepEqual((await ends(await start("chain", 1))).output, { three: 3, text: "text", nothing: null, input: 1 });
  assert.deepEqual((await ends(await start("fanOut", null))).output, [11, 12, 13, 14, 15]);
  assert.equal((await ends(await start("retry", { key: "repeated", times: 2 }))).output, "after 2 failures");
  assert.deepEqual((await ends(await start("counts", 1))).output, 3, "not by the execution after it either");
  const id = await start("hears", 2);
  await raise(id, "once");
  assert.deepEqual((await ends(id)).output, ["once", "once"]);
});

test("a timer fires early, and the orchestrator sees that", async () => {
  const { start, ends } = await startRough(() => ({ timerFiresAt: (dueAt) => dueAt - 400 }));
  assert.equal((await ends(await start("waits", null))).output, 3_600_000 - 400);
});

for (const [which, secondStartWins, input] of [
  ["first", false, 1],
  ["second", true, 2],
] as const) {
  test(`of two starts that are both accepted the ${which} one may run, and until then the status shows the second`, async () => {
    const { start, ends, clock } = await startRough(({ now }) => ({
      startComesAt: () => now() + 2_000,
      acceptsSecondStart: (firstAt) => now() - firstAt <= 50,
      secondStartWins: () => secondStartWins,
    }));
    await start("chain", 1, "same");
    clock.advanceTo(clock.now() + 50);
    const second = await sample.call("POST", `${sample.base}/orchestrators/chain/same`, 2);
    assert.equal(second.status, 202);
    assert.equal((await sample.statusOf("same")).input, 2);
    clock.advanceTo(clock.now() + 1);
    assert.equal((await sample.call("POST", `${sample.base}/orchestrators/chain/same`, 3)).status, 409);
    const status = await ends("same");
    assert.deepEqual([status.input, (status.output as { input: unknown }).input], [input, input]);
  });
}

test("a start of what runs already is accepted as soon after, and changes nothing", async () => {
  const { start, ends } = await startRough(() => ({ acceptsSecondStart: () => true }));
  await start("waits", "first", "runs");
  await eventually("it runs", async () => (await statusOf("runs")) === "Running");
  await start("waits", "second", "runs");
  const { input, output } = await ends("runs");
  assert.deepEqual([input, output], ["first", 3_600_000]);
});

test("the activity of a killed host comes back when its time is over, that of a host that was stopped is done", async () => {
  const { clock, start, ends, crashAndRestart } = await startRough(({ now }) => ({ takenWorkComesBackAt: () => now() + 300_000 }));
  held.until = new Promise((resolve) => {
    letGo = resolve;
  });
  const begun = held.begun;
  const id = await start("holds", null);
  await eventually("the activity has begun", () => held.begun === begun + 1);
  const killedAt = clock.now();
  clock.advanceTo(killedAt + 1_000);
  await crashAndRestart();
  held.until = Promise.resolve();
  clock.advanceTo(killedAt + 299_999);
  // What else is there runs at once.
  assert.equal((await ends(await start("hears", 0))).runtimeStatus, "Completed");
  assert.equal(held.begun, begun + 1, "it is hidden");
  assert.deepEqual((await ends(id)).output, ["held", "then"]);
  assert.equal(held.begun, begun + 2);
  assert.ok(clock.now() >= killedAt + 300_000);
});

test("a host that was stopped leaves nothing hidden", async () => {
  const { clock, start, ends } = await startRough(({ now }) => ({
    takenWorkComesBackAt: () => now() + 300_000,
    takenMessageComesBackAt: () => now() + 300_000,
  }));
  const before = clock.now();
  const id = await start("waits", null);
  await eventually("it waits", async () => (await statusOf(id)) === "Running");
  await sample.closeAndRestart();
  assert.equal((await ends(id)).output, 3_600_000);
  assert.equal(clock.now(), before + 3_600_000);
});
