import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { handOverAnswer } from "../../../functions/activities/hand-over-answer.ts";
import { inspectInstance } from "../../../functions/activities/inspect-instance.ts";
import { wakeInstances } from "../../../functions/activities/wake-instances.ts";
import { durableClientOf } from "../../../functions/durable/durable-client.ts";
import { startPublisher } from "../../../functions/durable/start-publisher.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { startTaskHub } from "../../support/task-hub.ts";

// The two small steps that talk to the task hub.

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
beforeEach(() => {
  hub.instances.clear();
  hub.away = false;
  for (const list of [hub.started, hub.raised]) list.length = 0;
});
after(() => hub.close());

const inspect = (event: string | null) => inspectInstance({ instanceId: "vpn-1", event }, () => {}, hub.context());
const exists = (runtimeStatus: string, name = "provisionVpnConnection") => hub.instances.set("vpn-1", { name, runtimeStatus, input: null });

test("an instance is alive until it has ended, however it did", async () => {
  for (const [runtimeStatus, alive] of [
    ["Pending", true],
    ["Running", true],
    ["ContinuedAsNew", true],
    ["Completed", false],
    ["Failed", false],
    ["Terminated", false],
    ["Canceled", false],
  ] as const) {
    exists(runtimeStatus);
    assert.deepEqual(await inspect("go"), { ok: { alive } }, runtimeStatus);
    assert.deepEqual(hub.raised.splice(0), alive ? [{ id: "vpn-1", event: "go", input: true }] : []);
  }
});

test("one that is suspended is alive, and the log says so", async () => {
  exists("Suspended");
  const logged: unknown[] = [];
  const inspected = await inspectInstance(
    { instanceId: "vpn-1", event: null },
    (step, fields) => logged.push([step, fields]),
    hub.context(),
  );
  assert.deepEqual(inspected, { ok: { alive: true, suspended: true } });
  assert.deepEqual(logged, [["suspended", { instanceId: "vpn-1" }]]);
});

test("many are woken in one step; one that is gone, or a store that is away, fails nothing", async () => {
  exists("Running");
  const instances = ["vpn-1", "vpn-gone"].map((instanceId) => ({ instanceId, event: `leaseGranted.of-${instanceId}` }));
  assert.deepEqual(await wakeInstances({ instances }, () => {}, hub.context()), { ok: true });
  assert.deepEqual(hub.raised[0], { id: "vpn-1", event: "leaseGranted.of-vpn-1", input: true });
  hub.away = true;
  assert.deepEqual(await wakeInstances({ instances }, () => {}, hub.context()), { ok: true });
});

test("an answer is handed over to an instance of its own, once", async () => {
  const handOver = () => handOverAnswer({ instanceId: "vpn-1.answer", answer }, () => {}, hub.context());
  assert.deepEqual([await handOver(), await handOver()], [{ ok: true }, { ok: true }]);
  assert.deepEqual(hub.started, [{ id: "vpn-1.answer", name: "answerMessage", input: answer }]);
});

test("one that is gone is not alive, and looking raises nothing", async () => {
  assert.deepEqual(await inspect("go"), { ok: { alive: false } });
  exists("Running");
  assert.deepEqual(await inspect(null), { ok: { alive: true } });
  assert.deepEqual(hub.raised, []);
});

test("a store that is away says nothing about an instance", async () => {
  hub.away = true;
  await assert.rejects(inspect("go"));
});

const answer = { claimId: "vpn-1", fingerprints: [], completion: {} } as unknown as AnswerInput;
const start = () => startPublisher(durableClientOf(hub.context()), "vpn-1", answer);

test("an answer is started, and one that is on its way already is left alone", async () => {
  await start();
  await start();
  assert.deepEqual(hub.started, [{ id: "vpn-1", name: "answerMessage", input: answer }]);
});

test("an answer that could not be started is an error, for whoever tries again", async () => {
  hub.away = true;
  await assert.rejects(start());
});
