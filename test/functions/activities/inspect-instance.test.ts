import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { inspectInstance } from "../../../functions/activities/inspect-instance.ts";
import { startTaskHub } from "../../support/task-hub.ts";

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
