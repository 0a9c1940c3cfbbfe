import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { wakeInstances } from "../../../functions/activities/wake-instances.ts";
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

const exists = (runtimeStatus: string, name = "provisionVpnConnection") => hub.instances.set("vpn-1", { name, runtimeStatus, input: null });

test("many are woken in one step; one that is gone, or a store that is away, fails nothing", async () => {
  exists("Running");
  const instances = ["vpn-1", "vpn-gone"].map((instanceId) => ({ instanceId, event: `leaseGranted.of-${instanceId}` }));
  assert.deepEqual(await wakeInstances({ instances }, () => {}, hub.context()), { ok: true });
  assert.deepEqual(hub.raised[0], { id: "vpn-1", event: "leaseGranted.of-vpn-1", input: true });
  hub.away = true;
  assert.deepEqual(await wakeInstances({ instances }, () => {}, hub.context()), { ok: true });
});
