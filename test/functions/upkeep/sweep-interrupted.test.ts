import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Timer } from "@azure/functions";
import { sweepInterrupted } from "../../../functions/upkeep/sweep-interrupted.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { rejectionOf } from "../../../shared/contract/rejection.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { type Claim, claimOperations, noClaim } from "../../../shared/durable/claim.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
afterEach(() => {
  for (const map of [hub.instances, hub.entities]) map.clear();
  for (const list of [hub.started, hub.logged, hub.queries, hub.signalled, hub.reads]) list.length = 0;
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

test("it is answered for whom its claim knows, although the status shows the input of another start", async () => {
  ended("vpn-9", { input: { ...request, ticket: '"theirs"', replySessionId: "theirs", fingerprints: ["k1.b"] } });
  hub.entities.set("request/vpn-9", { ...noClaim, fingerprints: ["k1.a"], asked });
  await sweep();
  const { fingerprints, completion } = (hub.started[0] ?? assert.fail("nobody was answered")).input as AnswerInput;
  assert.deepEqual([fingerprints, completion.ticket, completion.replySessionId], [["k1.a"], '{"id":1}', "mine"]);
});

test("what was replaced by another instance meanwhile is left alone", async () => {
  ended("vpn-10");
  const { list } = hub;
  hub.list = () => {
    const listed = list();
    hub.instances.set("vpn-10", { name: "provisionVpnConnection", runtimeStatus: "Running", input: request });
    return listed;
  };
  await sweep();
  hub.list = list;
  assert.deepEqual(hub.started, []);
});

test("a cancellation that ended from outside is answered too", async () => {
  ended("vpn-2", { name: "cancelProvisioning", customStatus: null });
  await sweep();
  assert.equal(hub.started[0]?.id, "vpn-2.answer");
});

test("what was sent is sent no more; what was claimed and not sent is claimed again, where the claim decides", async () => {
  for (const sent of [true, false]) {
    ended("vpn-3");
    hub.entities.set("request/vpn-3", { ...noClaim, fingerprints: ["k1.a"], completion: answerOf("vpn-3.completed"), sent });
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
  hub.entities.set("request/vpn-4.conflict.x", { ...noClaim, fingerprints: ["k1.b"], completion: input.completion, sent: true });
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
      ["swept", undefined],
    ],
  );
  assert.deepEqual(hub.logged.at(-1), { step: "swept", found: 2, answered: 1, failed: 1 });
});

test("a sweep with nothing to do is logged, too", async () => {
  await sweep();
  assert.deepEqual(hub.logged, [{ step: "swept", found: 0, answered: 0, failed: 0 }]);
});

test("it looks back further than an instance can live", async () => {
  await sweep();
  const from = Date.parse(hub.queries[0]?.get("createdTimeFrom") ?? "");
  const longest = 10_080 + 1_440 + 6 * 60;
  assert.ok(today.getTime() - from > 2 * longest * 60_000);
});

test("what was found answered is not read again: one list a sweep, and one read of a claim for each ended instance in the first", async () => {
  const sweepAgain = sweepInterrupted({ now: () => today });
  const run = async () => {
    hub.reads.length = 0;
    await sweepAgain({} as Timer, hub.context());
    return hub.reads.length;
  };
  const sent = { ...noClaim, fingerprints: ["k1.a"], completion: answerOf("e"), sent: true };
  for (let index = 0; index < 50; index++) {
    ended(`vpn-${index}`);
    hub.entities.set(`request/vpn-${index}`, sent);
  }
  assert.deepEqual([await run(), await run(), await run()], [50, 0, 0]);
  // What is no longer listed is forgotten.
  const listed = [...hub.instances];
  hub.instances.clear();
  await run();
  for (const [id, instance] of listed) hub.instances.set(id, instance);
  assert.deepEqual([await run(), await run()], [50, 0]);
  // Another instance in the place of one of them, which ended without an answer.
  ended("vpn-7", { createdTime: "2026-02-01T00:00:00Z" });
  hub.entities.delete("request/vpn-7");
  await run();
  assert.deepEqual(
    hub.started.map(({ id }) => id),
    ["vpn-7.answer"],
  );
});

test("an answer that was handed over and ended from outside is looked up under its request", async () => {
  const input: AnswerInput = { claimId: "vpn-8", fingerprints: ["k1.b"], completion: answerOf("vpn-8.completed") };
  const claim = { ...noClaim, fingerprints: ["k1.b"], completion: input.completion };
  ended("vpn-8.answer", { name: "answerMessage", input, customStatus: null });
  hub.entities.set("request/vpn-8", { ...claim, sent: true });
  await sweep();
  assert.equal(hub.started.length, 0);
  hub.entities.set("request/vpn-8", claim);
  await sweep();
  assert.deepEqual(hub.started, [{ id: "vpn-8.answer", name: "answerMessage", input }]);
});

describe("an instance without a step", () => {
  const minutes = (count: number) => new Date(today.getTime() + count * 60_000);
  const running = (id: string, ageMinutes: number, more: object = {}) =>
    hub.instances.set(id, {
      name: "provisionVpnConnection",
      runtimeStatus: "Running",
      input: request,
      customStatus: null,
      createdTime: minutes(-ageMinutes).toISOString(),
      ...more,
    });
  /**
   * Sweeps every two minutes, each time in a process of its own: nothing but the store remembers.
   */
  async function sweeps(count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      await sweepInterrupted({ now: () => minutes(look * 2) })({} as Timer, hub.context());
      for (const { entity, operation, input } of hub.signalled.splice(0)) {
        assert.equal(operation, "noteStuck");
        const claim = (hub.entities.get(entity) as Claim | undefined) ?? noClaim;
        hub.entities.set(entity, claimOperations.noteStuck(claim, input as { at: string }));
      }
    }
  }
  const stateOf = (id: string) => hub.instances.get(id)?.runtimeStatus;

  test("is ended after an hour and five looks, and answered as Interrupted", async () => {
    running("vpn-1", 61);
    running("vpn-2", 61, { name: "cancelProvisioning" });
    await sweeps(5);
    assert.deepEqual([stateOf("vpn-1"), stateOf("vpn-2"), hub.started], ["Running", "Running", []]);
    await sweeps(1);
    assert.deepEqual([stateOf("vpn-1"), stateOf("vpn-2")], ["Terminated", "Terminated"]);
    await sweeps(1);
    assert.deepEqual(
      hub.started.map(({ id, input }) => {
        const { problem: because, armState } = (input as AnswerInput).completion.event.data;
        return [id, because?.code, armState];
      }),
      [
        ["vpn-1.answer", "Interrupted", null],
        ["vpn-2.answer", "Interrupted", null],
      ],
    );
    const steps = hub.logged.map(({ step }) => step);
    assert.equal(steps.filter((step) => step === "stuck").length, 10);
    assert.equal(steps.filter((step) => step === "stuckEnded").length, 2);
  });

  test("is left alone in its first hour, before it has begun, and if it is none that shows steps", async () => {
    running("young", 45);
    running("pending", 600, { runtimeStatus: "Pending" });
    running("suspended", 600, { runtimeStatus: "Suspended" });
    running("answer", 600, { name: "answerMessage" });
    await sweeps(7);
    for (const id of ["young", "pending", "suspended", "answer"]) assert.notEqual(stateOf(id), "Terminated", id);
    assert.equal(hub.entities.size, 0);
  });

  test("is not ended when the app comes back from a long stop: it gets minutes to go on, and a step ends the suspicion", async () => {
    running("vpn-3", 180);
    await sweeps(4);
    assert.equal(stateOf("vpn-3"), "Running");
    running("vpn-3", 180, { customStatus: { step: "begun" } });
    await sweeps(7);
    assert.equal(stateOf("vpn-3"), "Running");
  });
});

test("an interrupted request is answered with the calls, polls and operation that its status shows", async () => {
  const call = { at: "2026-01-01T00:00:01.000Z", action: "put", clientRequestId: "c-1", status: 201, code: null, retryAfterSeconds: 10 };
  const progress = { polls: 3, operationId: "op-1", attempts: [call] };
  for (const [given, expected] of [
    [progress, progress],
    [undefined, { polls: 0, operationId: null, attempts: [] }],
    [{ polls: "many" }, { polls: 0, operationId: null, attempts: [] }],
  ] as const) {
    ended("vpn-11", { customStatus: { step: "polling", progress: given } });
    await sweep();
    const [{ input } = assert.fail("nobody was answered")] = hub.started.splice(0);
    const { arm, timing } = (input as AnswerInput).completion.event.data;
    assert.deepEqual({ polls: timing.polls, operationId: arm.operationId, attempts: arm.attempts }, expected);
    hub.instances.clear();
  }
});
