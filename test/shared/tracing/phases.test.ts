import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CompletionData } from "../../../shared/contract/completion.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { phasesOf } from "../../../shared/tracing/phases.ts";
import { anyTiming } from "./timing.ts";

const time = (second: number) => `2026-03-01T08:00:0${second}.000Z`;
const timing = {
  receivedAt: time(0),
  startedAt: time(1),
  validatedAt: time(2),
  leaseGrantedAt: time(3),
  submittedAt: time(4),
  provisionedAt: time(6),
  completedAt: time(7),
  polls: 3,
};
const publishedAt = Date.parse(time(9));
const shown = (outcome: CompletionData["outcome"], changed: Partial<CompletionData["timing"]>) =>
  phasesOf({ outcome, change: "Created", problem: null, timing: { ...timing, ...changed } }, publishedAt).map(
    ({ name, startedAt, endedAt }) => `${name} ${(endedAt - startedAt) / 1000}`,
  );
const notSubmitted = { submittedAt: null, provisionedAt: null };
const noLease = { ...notSubmitted, leaseGrantedAt: null };

const cases: readonly (readonly [name: string, CompletionData["outcome"], Partial<CompletionData["timing"]>, phases: readonly string[]])[] =
  [
    [
      "a change",
      "Succeeded",
      {},
      ["wait for delivery 1", "validate 1", "wait for gateway 1", "put 1", "wait for Azure 2", "verify 1", "publish 2"],
    ],
    [
      "a change that Azure made at once",
      "Succeeded",
      { provisionedAt: null },
      ["wait for delivery 1", "validate 1", "wait for gateway 1", "put 1", "verify 3", "publish 2"],
    ],
    ["nothing to change", "Succeeded", notSubmitted, ["wait for delivery 1", "validate 1", "wait for gateway 1", "put 4", "publish 2"]],
    [
      "a deadline that passed in Azure",
      "Failed",
      { provisionedAt: null },
      ["wait for delivery 1", "validate 1", "wait for gateway 1", "put 1", "wait for Azure 3", "publish 2"],
    ],
    ["cancelled in the queue", "Cancelled", noLease, ["wait for delivery 1", "validate 1", "wait for gateway 5", "publish 2"]],
    ["a plan", "Planned", noLease, ["wait for delivery 1", "validate 1", "plan 5", "publish 2"]],
    ["rejected", "Rejected", { ...noLease, validatedAt: null }, ["wait for delivery 1", "validate 6", "publish 2"]],
    ["never started", "Rejected", { ...noLease, validatedAt: null, startedAt: null }, ["wait for delivery 7", "publish 2"]],
    [
      "an event from before validatedAt",
      "Succeeded",
      { validatedAt: undefined },
      ["wait for delivery 1", "validate 2", "wait for gateway 0", "put 1", "wait for Azure 2", "verify 1", "publish 2"],
    ],
  ];
for (const [name, outcome, changed, phases] of cases) {
  test(`phases of ${name}`, () => assert.deepEqual(shown(outcome, changed), phases));
}

test("whatever the timing is: each phase begins where the one before ends, and the sum is the whole time", () => {
  fc.assert(
    fc.property(anyTiming, fc.nat(100_000), (judged, publishing) => {
      const { receivedAt, completedAt } = judged.timing;
      const published = Date.parse(completedAt) + publishing;
      const phases = phasesOf(judged, published);
      assert.equal(phases[0]?.startedAt, Date.parse(receivedAt));
      assert.equal(phases.at(-1)?.endedAt, published);
      phases.forEach(({ startedAt, endedAt }, index) => {
        assert.ok(endedAt >= startedAt);
        if (index > 0) assert.equal(startedAt, phases[index - 1]?.endedAt);
      });
      const sum = phases.reduce((all, { startedAt, endedAt }) => all + endedAt - startedAt, 0);
      assert.equal(sum, published - Date.parse(receivedAt));
      assert.equal(new Set(phases.map(({ name }) => name)).size, phases.length);
    }),
  );
});

test("clocks that differ make no phase of less than nothing", () => {
  assert.deepEqual(shown("Rejected", { ...noLease, validatedAt: null, receivedAt: time(8) }), [
    "wait for delivery 0",
    "validate 0",
    "publish 1",
  ]);
});

test("phases of a cancellation: its time is not that of a change", () => {
  const about = { timing: { ...timing, ...noLease, validatedAt: null } };
  const unknown = problem("RequestUnknown", "No such request.");
  for (const ended of [
    { outcome: "Succeeded", change: null, problem: null },
    { outcome: "Rejected", change: null, problem: unknown },
  ] as const)
    assert.deepEqual(
      phasesOf({ ...about, ...ended }, publishedAt).map(({ name }) => name),
      ["wait for delivery", "cancel", "publish"],
    );
});
