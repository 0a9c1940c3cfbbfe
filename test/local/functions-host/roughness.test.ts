import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock, createManualClock } from "../../../local/clock.ts";
import { calm, createRoughness } from "../../../local/functions-host/durable/roughness.ts";

// How rough a seed is: what is drawn, and between which bounds. Nothing waits: the clock stands
// still.

const now = Date.UTC(2026, 0, 1);
const queues = { partitions: 4, messagesHiddenForMs: 60_000, workHiddenForMs: 120_000 };
const roughOf = (seed: number, clock = createManualClock(now)) => createRoughness(seed, clock, queues);
const times = <T>(count: number, ask: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => ask(index));

/** Asks everything that is drawn, a hundred times. */
function drawsOf(seed: number) {
  const rough = roughOf(seed);
  return times(100, (index) => [
    rough.startComesAt(`instance ${index}`),
    rough.secondStartWins(),
    rough.messageComesAt(),
    rough.messageComesAgainAt(),
    rough.timerFiresAt(now),
  ]);
}

test("the same seed draws the same, another one something else", () => {
  assert.deepEqual(drawsOf(7), drawsOf(7));
  assert.notDeepEqual(drawsOf(7), drawsOf(8));
});

test("each question has random numbers of its own: what is asked beside it does not change its answers", () => {
  const [alone, beside] = [roughOf(7), roughOf(7)];
  const expected = times(20, () => alone.timerFiresAt(now));
  const found = times(20, (index) => {
    beside.messageComesAt();
    beside.startComesAt(`instance ${index}`);
    return beside.timerFiresAt(now);
  });
  assert.deepEqual(found, expected);
});

test("starts come 0 to 2 s later, in order within a partition and in any order between partitions", () => {
  const clock = createManualClock(now);
  const orders = times(50, (seed) => {
    const rough = roughOf(seed, clock);
    const starts = times(40, (index) => rough.startComesAt(`instance ${index}`));
    for (const at of starts) assert.ok(at >= now && at <= now + 2_000, String(at - now));
    const looks = [...new Set(starts)];
    assert.ok(looks.length <= queues.partitions, "all starts of a partition are seen by one look at its queue");
    return looks.toSorted((a, b) => a - b).join() === looks.join();
  });
  assert.ok(orders.includes(true) && orders.includes(false), "partitions overtake each other, with some seeds");
});

test("a start after its partition was looked at waits for the next look", () => {
  const clock = createManualClock(now);
  const rough = roughOf(1, clock);
  const first = rough.startComesAt("instance");
  clock.advanceTo(first);
  const second = rough.startComesAt("instance");
  assert.ok(second >= first && second <= first + 2_000);
});

test("messages come up to 0.3 s later, one in ten again within 2 s", () => {
  const rough = roughOf(3);
  const delays = times(1_000, () => rough.messageComesAt() - now);
  assert.ok(Math.min(...delays) >= 0 && Math.max(...delays) <= 300 && Math.max(...delays) > 250);
  const again = times(1_000, () => rough.messageComesAgainAt()).filter((at) => at !== undefined);
  assert.ok(again.length > 60 && again.length < 140, String(again.length));
  for (const at of again) assert.ok(at >= now && at <= now + 2_000);
});

test("timers fire up to 1 s early, and never late", () => {
  const rough = roughOf(3);
  const early = times(1_000, () => now - rough.timerFiresAt(now));
  assert.ok(Math.min(...early) >= 0 && Math.max(...early) <= 1_000 && Math.max(...early) > 900);
});

test("a second start is accepted for 50 ms of real time, however fast the product's time runs; about 14 of 150 times it wins", () => {
  for (const rate of [1, 100]) {
    // Half an hour ahead: no test is so slow that the moment passes.
    const epoch = Date.now() + 1_800_000;
    const clock = { ...createClock({ epoch, rate }), now: () => epoch };
    const rough = createRoughness(1, clock, queues);
    assert.ok(rough.acceptsSecondStart(epoch - 50 * rate));
    assert.ok(!rough.acceptsSecondStart(epoch - 51 * rate - 1));
  }
  const rough = roughOf(5);
  const won = times(1_500, () => rough.secondStartWins()).filter(Boolean).length;
  assert.ok(won > 90 && won < 190, String(won));
});

test("what a killed process had taken comes back as host.json says", () => {
  const rough = roughOf(1);
  assert.deepEqual([rough.takenMessageComesBackAt(), rough.takenWorkComesBackAt()], [now + 60_000, now + 120_000]);
});

test("calm draws nothing: everything at once, once, in order and on time", () => {
  assert.deepEqual(
    [calm.startComesAt("a"), calm.acceptsSecondStart(now), calm.secondStartWins(), calm.messageComesAt(), calm.messageComesAgainAt()],
    [0, false, false, 0, undefined],
  );
  assert.deepEqual([calm.timerFiresAt(now), calm.takenMessageComesBackAt(), calm.takenWorkComesBackAt()], [now, 0, 0]);
});
