import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChild } from "../../local/stack/child.ts";
import { createChildEnvironment } from "../../local/stack/environment.ts";
import { driverOf } from "../conformance/durable/driver.ts";
import { startDurableHost } from "../support/durable-host.ts";
import { eventually } from "../support/eventually.ts";
import { versionedApp } from "../support/versioned-app.ts";

// What the extension does with instances of other versions, with the settings of our host.json:
// an upgrade, a rollback, and an old and a new host at the same time.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "extension-versions-"));
const BOUND_MS = 150_000;
let connectionString: string;
let azurite: Awaited<ReturnType<typeof startChild>>;

before(async () => {
  const main = join(root, "local", "azurite", "main.ts");
  const env = createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "versions");
  azurite = await startChild(main, { title: "Azurite", args: ["--data-dir", directory], env, onLine: () => {} });
  connectionString = String(azurite.ready["connectionString"]);
});
after(async () => {
  await azurite?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a host with the app of a version. */
async function startVersion(hubName: string, defaultVersion: string | undefined, changes: object = {}) {
  const data = mkdtempSync(join(directory, "data-"));
  const host = await startDurableHost(data, () => {}, {
    args: ["--engine", "extension", "--app", versionedApp(directory, defaultVersion, { hubName, ...changes })],
    settings: { AzureWebJobsStorage: connectionString },
  });
  return { ...driverOf(() => host), stop: () => host.stop() };
}
type Host = Awaited<ReturnType<typeof startVersion>>;

/** Waits until an instance is completed, and returns its output. */
async function endOf(host: Host, id: string): Promise<unknown> {
  const ended = await eventually(
    `${id} ends`,
    async () => {
      const status = await host.statusOf(id);
      return ["Running", "Pending"].includes(status.runtimeStatus) ? undefined : status;
    },
    BOUND_MS,
  );
  assert.equal(ended.runtimeStatus, "Completed", String(ended.output));
  return ended.output;
}

test("upgrade from no version to 1: an instance of before goes on, a new one has the version, entities are not hindered", async () => {
  const before = await startVersion("Upgrade", undefined, { versionMatchStrategy: "None", versionFailureStrategy: "Fail" });
  const old = await before.start("waitsFor", ["Go"]);
  await before.shows(old, { waitsFor: "Go" });
  await before.client("signalEntity", { entity: ["counter", "kept"] }, "add", 2);
  await before.stop();
  const now = await startVersion("Upgrade", "1");
  try {
    assert.deepEqual(await endOf(now, await now.start("versioned", null)), { version: "1" });
    await now.raise(old, "Go", 5);
    assert.deepEqual(await endOf(now, old), [5]);
    await now.client("signalEntity", { entity: ["counter", "kept"] }, "add", 3);
    await eventually("both are added", async () => (await now.entity("kept")) === 5, BOUND_MS);
  } finally {
    await now.stop();
  }
});

test("rollback from 2 to 1: an instance of version 2 waits, others run, and with version 2 again it goes on", async () => {
  const two = await startVersion("Rollback", "2");
  const newer = await two.start("waitsFor", ["Go"]);
  await two.shows(newer, { waitsFor: "Go" });
  await two.stop();
  const one = await startVersion("Rollback", "1");
  await one.raise(newer, "Go", 7);
  for (let index = 0; index < 5; index++) assert.deepEqual(await endOf(one, await one.start("versioned", null)), { version: "1" });
  assert.equal((await one.statusOf(newer)).runtimeStatus, "Running");
  await one.stop();
  const again = await startVersion("Rollback", "2");
  try {
    assert.deepEqual(await endOf(again, newer), [7]);
  } finally {
    await again.stop();
  }
});

test("an old and a new host at once: the old one takes no instance of the orchestration that only the new one knows", async () => {
  const one = await startVersion("Both", "1");
  const two = await startVersion("Both", "2");
  try {
    const ofOne = await Promise.all(Array.from({ length: 8 }, () => one.start("versioned", null)));
    const ofTwo = await Promise.all(Array.from({ length: 8 }, () => two.start("only2", null)));
    for (const id of ofOne) assert.deepEqual(await endOf(two, id), { version: "1" });
    // Until the old host has stopped, those in its partitions wait.
    for (const id of ofTwo) assert.match((await two.statusOf(id)).runtimeStatus, /^(Pending|Running|Completed)$/);
    await one.stop();
    for (const id of ofTwo) assert.deepEqual(await endOf(two, id), { version: "2" });
  } finally {
    await two.stop();
  }
});
