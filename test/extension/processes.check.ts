import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { driverOf } from "../conformance/durable/driver.ts";
import { eventually } from "../support/eventually.ts";
import { startExtensionHost } from "../support/extension-host.ts";

// The functions host and its .NET child: neither outlives the other, and what was confirmed
// outlives both, and Azurite.

const dataDirectory = mkdtempSync(join(tmpdir(), "extension-processes-"));
after(() => rmSync(dataDirectory, { recursive: true, force: true }));
const childrenOf = (pid: number) =>
  execFileSync("ps", ["--ppid", String(pid), "-o", "pid="], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .map(Number);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Starts a host that is stopped at the end of the test, if it still runs. */
async function start(t: TestContext) {
  const host = await startExtensionHost(dataDirectory);
  t.after(host.stop);
  return host;
}

test("SIGTERM ends both, and the host says which version ran", async (t) => {
  const { host, lines, stop } = await start(t);
  const [child = 0] = childrenOf(host.pid);
  assert.ok(isAlive(child));
  const version = /Running Microsoft\.Azure\.WebJobs\.Extensions\.DurableTask \d+\.\d+\.\d+/;
  await eventually("the host has said which version runs", () => lines.some((line) => version.test(line)));
  await stop();
  assert.equal(await host.ended, 0);
  await eventually("the child has ended", () => !isAlive(child));
});

test("if the child dies, the host says so and ends with 1", async (t) => {
  const { host, lines } = await start(t);
  process.kill(Number(childrenOf(host.pid)[0]), "SIGKILL");
  assert.equal(await host.ended, 1);
  assert.equal(lines.at(-1), "The Durable Task extension was ended by SIGKILL.");
});

test("if the storage is away, the status of an instance is an error, and never unknown", async (t) => {
  const { host, azurite, url } = await start(t);
  const { manage, start: begin } = driverOf(() => ({ url }));
  const id = await begin("waitsFor", ["Go"]);
  process.kill(azurite.pid, "SIGKILL");
  await azurite.ended;
  assert.equal((await manage("GET", `instances/${id}`)).status, 500);
  process.kill(host.pid, "SIGKILL");
  await host.ended;
});

test("if the host dies, the child ends; what was confirmed just before, Azurite killed too, is there afterwards", async (t) => {
  const first = await start(t);
  const [child = 0] = childrenOf(first.host.pid);
  const id = await driverOf(() => first).start("waitsFor", ["Go"]);
  process.kill(first.azurite.pid, "SIGKILL");
  process.kill(first.host.pid, "SIGKILL");
  await Promise.all([first.azurite.ended, first.host.ended]);
  await eventually("the child has ended", () => !isAlive(child));

  const next = await start(t);
  const { statusOf, raise, isIn } = driverOf(() => next);
  assert.equal((await statusOf(id)).instanceId, id);
  // What the killed host had taken from a queue is visible again after a minute. An event for an
  // instance that has not run yet would be discarded.
  await eventually("the instance has begun", async () => (await statusOf(id)).runtimeStatus === "Running", 150_000);
  await raise(id, "Go", 1);
  assert.deepEqual((await isIn(id, "Completed")).output, [1]);
});
