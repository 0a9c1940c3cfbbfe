import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { driverOf } from "../../conformance/durable/driver.ts";
import { startDurableHost } from "../../support/durable-host.ts";
import { versionedApp } from "../../support/versioned-app.ts";

// Instances of before the first version, and of version 1, on our engine with our settings of
// versions. test/extension/versions.check.ts is the same on the extension.

const directory = mkdtempSync(join(tmpdir(), "default-version-"));
after(() => rmSync(directory, { recursive: true }));

test("an instance without a version goes on in version 1, and a new one has version 1", async () => {
  const data = join(directory, "data");
  const start = async (version: string | undefined, changes?: object) => {
    const host = await startDurableHost(data, () => {}, { args: ["--app", versionedApp(directory, version, changes)] });
    return { ...driverOf(() => host), stop: () => host.stop() };
  };
  const before = await start(undefined, { versionMatchStrategy: "None" });
  const old = await before.start("waitsFor", ["Go"]);
  await before.shows(old, { waitsFor: "Go" });
  await before.stop();

  const now = await start("1");
  try {
    assert.deepEqual(await now.run("versioned"), { version: "1" });
    assert.deepEqual(await now.run("only1"), { version: "1" });
    await now.raise(old, "Go", 5);
    assert.deepEqual((await now.isIn(old, "Completed")).output, [5]);
  } finally {
    await now.stop();
  }
});
