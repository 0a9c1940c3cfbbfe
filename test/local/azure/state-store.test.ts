import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { startAzure } from "../../../local/azure/index.ts";
import { openStateStore } from "../../../local/azure/state-store.ts";
import { createManualClock } from "../../../local/clock.ts";
import { call } from "../../support/running-stack.ts";
import { sampleEvent } from "../../support/sample.ts";

// What a simulated Azure knew, the next one on the same directory knows: a stack that starts again
// goes on with the same world.

const directory = mkdtempSync(join(tmpdir(), "azure-kept-"));
after(() => rmSync(directory, { recursive: true }));
const clock = createManualClock(Date.UTC(2026, 0, 1));
const key = "a key that must not be readable on a disk";
const network = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1";
const path = `${network}/vpnConnections/kept?api-version=2024-03-01`;

async function start() {
  const azure = await startAzure({ port: 0, directory, clock });
  const tokenFor = async (audience: string) => {
    const url = `${azure.identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(audience)}`;
    const response = await fetch(url, { headers: { "x-identity-header": azure.identity.header } });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const ca = readFileSync(azure.caFile);
  const ask = async (endpoint: string, audience: string, method: string, at: string, body?: unknown) =>
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at field by field
    (await call(endpoint, method, at, body, ca, await tokenFor(audience))) as { status: number; body: any };
  return {
    close: azure.close,
    arm: (method: string, at: string, body?: unknown) => ask(azure.resourceManagerUrl, azure.resourceManagerUrl, method, at, body),
    vault: (method: string, at: string, body?: unknown) => ask(azure.keyVaultUrl, "https://vault.azure.net", method, at, body),
  };
}

test("connections, a running operation, secrets and the requests are there after a restart, and no key is on the disk in clear", async () => {
  const before = await start();
  const { connection } = sampleEvent(({ data }) => {
    for (const link of data.connection.properties.vpnLinkConnections) link.properties["sharedKey"] = key;
  }).data;
  assert.equal((await before.arm("PUT", path, connection)).status, 201);
  await before.vault("PUT", "/local/secrets/kept", { value: key });
  await before.close();

  const next = await start();
  const shown = await next.arm("GET", path);
  assert.deepEqual([shown.status, shown.body.properties.provisioningState], [200, "Updating"]);
  const busy = await next.arm("PUT", path, connection);
  assert.equal(busy.body.error.code, "AnotherOperationInProgress");
  const poll = /https:[^ ]+[^ .]/.exec(busy.body.error.message)?.[0] ?? "";
  const operation = poll.slice(poll.indexOf("/subscriptions/"));
  assert.deepEqual((await next.arm("GET", operation)).body, { status: "InProgress" });
  assert.equal((await next.arm("GET", `${network}?api-version=2024-03-01`)).body.properties.connections.length, 1);
  clock.advanceTo(clock.now() + 10_000);
  assert.deepEqual((await next.arm("GET", operation)).body, { status: "Succeeded" });
  assert.equal((await next.vault("GET", "/secrets/kept?api-version=7.4")).body.value, key);
  const { body: seen } = await next.arm("GET", "/local/requests");
  assert.deepEqual(
    seen.map(({ method, status }: { method: string; status: number }) => `${method} ${status}`),
    ["PUT 201", "GET 200", "PUT 409", "GET 200", "GET 200", "GET 200"],
  );
  await next.close();

  for (const file of readdirSync(directory)) assert.ok(!readFileSync(join(directory, file)).includes(key), file);
});

test("changes of one turn are stored together, and who waits for them goes on when they are on the disk", async () => {
  const folder = mkdtempSync(join(tmpdir(), "azure-turn-"));
  const store = openStateStore(folder);
  const reader = new DatabaseSync(join(folder, "azure.sqlite"), { readOnly: true });
  const count = () => reader.prepare("SELECT count(*) AS count FROM kept").get()?.["count"];
  const values = store.map<number>("any");
  values.set("one", 1);
  values.set("two", 2);
  assert.deepEqual([values.get("one"), count()], [1, 0]);
  await store.committed();
  assert.equal(count(), 2);
  values.delete("one");
  store.close();
  assert.equal(count(), 1, "the end of the process stores the rest");
  reader.close();
  rmSync(folder, { recursive: true });
});
