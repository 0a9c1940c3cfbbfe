import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { changing } from "./app/changing.ts";
import { startSample } from "./host.ts";

// The code of an orchestration is changed while an instance of it runs: the instance fails, and the
// error names the step, what it was and what it is. In Azure it fails likewise
// (https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/TaskOrchestrationExecutor.cs),
// by the number of a task.

let sample: Awaited<ReturnType<typeof startSample>>;
before(async () => {
  sample = await startSample();
});
after(() => sample.stop());

const entity = "entity @counter@changing get";
const changes = [
  { was: ["echo", "timer"], is: ["nothing", "timer"], says: 'step 0 was "activity echo" when it first ran and is "activity nothing"' },
  { was: ["echo", "timer"], is: ["echo", "echo"], says: 'step 1 was "timer" when it first ran and is "activity echo"' },
  { was: ["echo", "timer"], is: ["timer"], says: 'step 0 was "activity echo" when it first ran and is "timer"' },
  { was: ["call", "timer"], is: ["echo", "timer"], says: `step 0 was "${entity}" when it first ran and is "activity echo"` },
  {
    was: ["either", "timer"],
    is: ["both", "timer"],
    says: 'step 0 was "any of (timer, activity echo)" when it first ran and is "all of (',
  },
] as const;
for (const { was, is, says } of changes) {
  test(`${was.join(", ")} becomes ${is.join(", ")}: ${says}`, async () => {
    changing.now = was;
    const id = await sample.start("changesItsMind", null);
    await eventually("the second step waits", () => sample.clock.pending().length > 0);
    await eventually("the first step is over", async () => {
      const answer = await sample.call("GET", `${sample.base}/instances/${id}?showHistory=true`);
      const { historyEvents } = answer.body as Told;
      return was[0] === "either" || historyEvents.some(({ EventType }) => EventType === "TaskCompleted" || EventType === "EventRaised");
    });
    changing.now = is;
    const { output } = await sample.ends(id, "Failed");
    assert.ok(String(output).includes(`Non-Deterministic workflow detected: ${says}`), String(output));
    assert.match(String(output), /The code changed while the instance was running, or it uses something that differs between replays\./);
  });
}

test("an event that is waited for under another name", async () => {
  changing.now = ["Red"];
  const id = await sample.start("changesItsMind", null);
  await eventually("it waits", async () => (await sample.statusOf(id)).runtimeStatus === "Running");
  changing.now = ["Green"];
  await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Red`, 1);
  const { output } = await sample.ends(id, "Failed");
  assert.match(String(output), /step 0 was "external event Red" when it first ran and is "external event Green" on replay/);
});

test("steps that were taken out are missed", async () => {
  changing.now = ["Red", "Blue"];
  const id = await sample.start("changesItsMind", null);
  await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Red`, 1);
  await eventually("it waits for the second event", async () => {
    const answer = await sample.call("GET", `${sample.base}/instances/${id}?showHistory=true`);
    return (answer.body as Told).historyEvents.some(({ EventType }) => EventType === "EventRaised");
  });
  changing.now = ["Red", "throws"];
  await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Blue`, 1);
  const { output } = await sample.ends(id, "Failed");
  assert.match(String(output), /step 1 was "external event Blue" when it first ran and is "nothing" on replay/);
});

// DTFx fails it whatever is open (TaskOrchestrationExecutor.cs, the catch of
// NonDeterministicOrchestrationException).
test("such an instance fails at once, whatever it has left open", async () => {
  changing.now = ["either", "timer"];
  const id = await sample.start("changesItsMind", null);
  await eventually("a timer waits", () => sample.clock.pending().length > 1);
  changing.now = ["both"];
  const before = sample.clock.now();
  await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Other`, 1);
  await eventually("it failed", async () => (await sample.statusOf(id)).runtimeStatus === "Failed");
  assert.equal(sample.clock.now(), before);
});

interface Told {
  readonly historyEvents: readonly { readonly EventType: string }[];
}
