import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createClock, createManualClock } from "../../local/clock.ts";

test("two clocks of the same epoch and rate agree", () => {
  const [one, two] = [createClock({ epoch: 1_000, rate: 50 }), createClock({ epoch: 1_000, rate: 50 })];
  assert.equal(one.at(2_000), 51_000);
  assert.ok(Math.abs(one.now() - two.now()) <= 50);
});

test("a timer fires once, when its time has come at the clock's rate, and not before", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  let fired = 0;
  createClock({ epoch: 0, rate: 10 }).setTimer(10_000, () => fired++);
  mock.timers.tick(999);
  assert.equal(fired, 0);
  mock.timers.tick(1);
  assert.equal(fired, 1);
  mock.timers.tick(10_000);
  assert.equal(fired, 1);
  mock.timers.reset();
});

test("a clock of any rate tells whole milliseconds, and its timers are never early", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  for (const rate of [0.3, 1.5, 2.5, 1 / 3, 1000.1]) {
    const epoch = Date.now();
    const clock = createClock({ epoch, rate });
    let firedAt = Number.NaN;
    clock.setTimer(epoch + 777, () => {
      firedAt = clock.now();
    });
    for (let tick = 0; tick < 3_000; tick++) {
      assert.ok(Number.isInteger(clock.now()), `${clock.now()} at rate ${rate}`);
      mock.timers.tick(1);
    }
    assert.ok(firedAt >= epoch + 777 && firedAt <= epoch + 778 + 2 * rate, `fired at ${firedAt - epoch} at rate ${rate}`);
  }
  mock.timers.reset();
});

test("a timer of forty days is no timer of one millisecond", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  let fired = 0;
  const days = 40 * 86_400_000;
  createClock({ epoch: 0 }).setTimer(days, () => fired++);
  mock.timers.tick(2 ** 31 - 1);
  assert.equal(fired, 0);
  mock.timers.tick(days - (2 ** 31 - 1));
  assert.equal(fired, 1);
  mock.timers.reset();
});

test("a timer that is due fires at once, a cancelled one never", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 5_000 });
  const fired: string[] = [];
  const clock = createClock({ epoch: 0 });
  clock.setTimer(1_000, () => fired.push("due"));
  clock.setTimer(6_000, () => fired.push("cancelled"))();
  mock.timers.tick(2_000);
  assert.deepEqual(fired, ["due"]);
  mock.timers.reset();
});

test("the manual clock moves when it is told, and fires in order of due time", () => {
  const clock = createManualClock(100);
  const fired: (readonly [string, number])[] = [];
  const note = (name: string) => () => fired.push([name, clock.now()]);
  clock.setTimer(300, note("later"));
  clock.setTimer(200, () => {
    note("sooner")();
    clock.setTimer(250, note("set by another"));
  });
  clock.setTimer(900, note("beyond"));
  assert.deepEqual(clock.pending(), [200, 300, 900]);
  clock.advanceTo(500);
  assert.deepEqual(fired, [
    ["sooner", 200],
    ["set by another", 250],
    ["later", 300],
  ]);
  assert.equal(clock.now(), 500);
  assert.deepEqual(clock.pending(), [900]);
});
