import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Timer } from "@azure/functions";
import { sweepInterrupted } from "../../functions/sweep-interrupted.ts";
import { noClaim } from "../../shared/claim.ts";
import { type AnswerInput, rejectionOf } from "../../shared/contract/rejection.ts";
import { problem } from "../../shared/problem.ts";
import { startTaskHub } from "../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
afterEach(() => {
  for (const map of [hub.instances, hub.entities]) map.clear();
  for (const list of [hub.started, hub.logged, hub.queries]) list.length = 0;
});
after(() => hub.close());

const today = new Date("2026-03-01T00:00:00.000Z");
const sweep = () => sweepInterrupted({ now: () => today })({} as Timer, hub.context());
const asked = {
  requestId: "r",
  requestSource: "/s",
  traceparent: null,
  ticket: '{"id":1}',
  receivedAt: "2026-01-01T00:00:00.000Z",
  replySessionId: "mine",
};
const request = { ...asked, fingerprints: ["k1.a"] };
const ended = (id: string, more: object = {}) =>
  hub.instances.set(id, {
    name: "provisionVpnConnection",
    runtimeStatus: "Terminated",
    input: request,
    customStatus: { step: "waiting" },
    ...more,
  });
const answerOf = (eventId: string) => rejectionOf(eventId, asked, problem("RequestRefused", "m"), today);

test("what ended from outside is answered as Interrupted, with what Azure may have begun", async () => {
  for (const [runtimeStatus, step, armState] of [
    ["Terminated", "waiting", null],
    ["Terminated", "leaseGranted", "Unknown"],
    ["Terminated", "submitted", "Unknown"],
    ["Failed", "polling", "Unknown"],
    ["Canceled", "validated", null],
    ["Terminated", undefined, null],
  ] as const) {
    ended("vpn-1", { runtimeStatus, customStatus: step === undefined ? null : { step } });
    await sweep();
    const [{ id, name, input } = assert.fail("nobody was answered")] = hub.started.splice(0);
    const { claimId, fingerprints, completion } = input as AnswerInput;
    assert.deepEqual([id, name, claimId, fingerprints], ["vpn-1.answer", "answerMessage", "vpn-1", ["k1.a"]]);
    const { data } = completion.event;
    assert.deepEqual(
      [completion.event.id, data.outcome, data.problem?.code, data.armState],
      ["vpn-1.completed", "Failed", "Interrupted", armState],
    );
    assert.deepEqual([data.requestId, completion.ticket, completion.replySessionId], ["r", '{"id":1}', "mine"]);
    hub.instances.clear();
  }
});

test("a cancellation that ended from outside is answered too", async () => {
  ended("vpn-2", { name: "cancelProvisioning", customStatus: null });
  await sweep();
  assert.equal(hub.started[0]?.id, "vpn-2.answer");
});

test("what was sent is sent no more; what was claimed and not sent is claimed again, where the claim decides", async () => {
  for (const sent of [true, false]) {
    ended("vpn-3");
    hub.entities.set("completionClaim/vpn-3", { ...noClaim, fingerprints: ["k1.a"], completion: answerOf("vpn-3.completed"), sent });
    await sweep();
    assert.equal(hub.started.splice(0).length, sent ? 0 : 1);
    hub.instances.delete("vpn-3.answer");
  }
});

test("an answer on its way that ended from outside is sent on, word for word", async () => {
  const input: AnswerInput = { claimId: "vpn-4.conflict.x", fingerprints: ["k1.b"], completion: answerOf("vpn-4.conflict.x") };
  ended("vpn-4.conflict.x", { name: "answerMessage", input, customStatus: null });
  await sweep();
  assert.deepEqual(hub.started.splice(0), [{ id: "vpn-4.conflict.x", name: "answerMessage", input }]);
  ended("vpn-4.conflict.x", { name: "answerMessage", input });
  hub.entities.set("completionClaim/vpn-4.conflict.x", { ...noClaim, fingerprints: ["k1.b"], completion: input.completion, sent: true });
  await sweep();
  assert.equal(hub.started.length, 0);
});

test("an answer that is on its way already is left alone, sweep after sweep", async () => {
  ended("vpn-5");
  await sweep();
  await sweep();
  assert.deepEqual(
    hub.started.map(({ id }) => id),
    ["vpn-5.answer"],
  );
});

test("other orchestrations are none of its business, and one instance that makes no sense keeps nobody from an answer", async () => {
  ended("other", { name: "somethingElse" });
  ended("nonsense", { input: null });
  ended("vpn-6");
  await sweep();
  assert.deepEqual(
    hub.started.map(({ id }) => id),
    ["vpn-6.answer"],
  );
  assert.deepEqual(
    hub.logged.map(({ step, instanceId }) => [step, instanceId]),
    [
      ["unswept", "nonsense"],
      ["interrupted", "vpn-6"],
    ],
  );
});

test("it looks back further than an instance can live", async () => {
  await sweep();
  const from = Date.parse(hub.queries[0]?.get("createdTimeFrom") ?? "");
  const longest = 10_080 + 1_440 + 6 * 60;
  assert.ok(today.getTime() - from > 2 * longest * 60_000);
});
