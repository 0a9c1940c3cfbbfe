import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { EntityId, getClient } from "durable-functions";
import { limitCallTimes } from "../../../functions/durable/durable-client.ts";
import { startTaskHub } from "../../support/task-hub.ts";

const hub = await startTaskHub();
after(() => hub.close());

const entity = new EntityId("request", "x");
type Client = ReturnType<typeof limitCallTimes>;
const calls: Readonly<Record<keyof Client, (client: Client) => Promise<unknown>>> = {
  startNew: (client) => client.startNew("provisionVpnConnection", { instanceId: "x", input: { fingerprints: ["k1.a"] } }),
  getStatus: (client) => client.getStatus("x"),
  getStatusBy: (client) => client.getStatusBy({ runtimeStatus: [] }),
  readEntityState: (client) => client.readEntityState(entity),
  raiseEvent: (client) => client.raiseEvent("x", "event", true),
  signalEntity: (client) => client.signalEntity(entity, "cancel"),
  terminate: (client) => client.terminate("x", "enough"),
};

test("a call that the store does not answer ends after 25 seconds, as a failure that names it", async () => {
  hub.silent = true;
  for (const [name, call] of Object.entries(calls)) {
    const waits: number[] = [];
    const client = limitCallTimes(getClient(hub.context()), (run, milliseconds) => {
      waits.push(milliseconds);
      queueMicrotask(run);
      return () => {};
    });
    await assert.rejects(call(client), { name: "StoreSilent", message: `The store did not answer ${name} within 25 s` });
    assert.deepEqual(waits, [25_000]);
  }
  hub.silent = false;
});

test("a call that is answered gives its answer, and its wait is ended", async () => {
  for (const call of Object.values(calls)) {
    let isCancelled = false;
    const start = () => () => {
      isCancelled = true;
    };
    await call(limitCallTimes(getClient(hub.context()), start));
    assert.ok(isCancelled);
  }
});

test("the app has no other durable client", () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  const users = globSync("{functions,shared,orchestrations,azure}/**/*.ts", { cwd: root }).filter((path) =>
    /\bgetClient\(/.test(readFileSync(join(root, path), "utf8")),
  );
  assert.deepEqual(users, [join("functions", "durable", "durable-client.ts")]);
});
