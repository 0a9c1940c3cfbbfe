import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { startDurableHost } from "../../support/durable-host.ts";
import { eventually } from "../../support/eventually.ts";

// The host as a process: what it is told by signals and options.

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), "functions-host-process-"));
});
after(() => rmSync(directory, { recursive: true }));

const management = "runtime/webhooks/durabletask";
const start = async (url: string, name: string, id: string, input: unknown) => {
  const answer = await fetch(`${url}/${management}/orchestrators/${name}/${id}`, { method: "POST", body: JSON.stringify(input) });
  assert.equal(answer.status, 202);
};
const statusOf = async (url: string, id: string) =>
  (await (await fetch(`${url}/${management}/instances/${id}`)).json()) as { runtimeStatus: string; output: unknown };

test("SIGTERM lets the running activity end and keeps its result; the next host goes on behind it", async () => {
  const dataDirectory = join(directory, "drained");
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    asked.push(String(request.url));
    await gate.promise;
    response.end('"answered"');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const first = await startDurableHost(dataDirectory);
  await start(first.url, "fetches", "drained", [`${base}/1`, `${base}/2`]);
  await eventually("the activity has begun", () => asked.length === 1);
  process.kill(first.pid, "SIGTERM");
  // It waits: it still answers, until what runs is over.
  assert.equal((await statusOf(first.url, "drained")).runtimeStatus, "Running");
  gate.resolve();
  assert.equal(await first.ended, 0);
  assert.deepEqual(asked, ["/1"], "nothing new was begun");

  const second = await startDurableHost(dataDirectory);
  try {
    const { output } = await eventually("the instance ends", async () => {
      const status = await statusOf(second.url, "drained");
      return status.runtimeStatus === "Completed" ? status : undefined;
    });
    assert.deepEqual(output, ["answered", "answered"]);
    assert.deepEqual(asked, ["/1", "/2"], "each was asked once");
  } finally {
    await second.stop();
    server.close();
  }
});

test("--data-dir is where the store is: another one knows nothing, the same one everything", async () => {
  const [one, two] = [join(directory, "one"), join(directory, "two")];
  const first = await startDurableHost(one);
  await start(first.url, "returns", "kept", 7);
  await eventually("the instance ends", async () => (await statusOf(first.url, "kept")).runtimeStatus === "Completed");
  await assert.rejects(startDurableHost(one), { message: `Another functions host is running on ${one}; choose another --data-dir.` });
  await first.stop();
  const other = await startDurableHost(two);
  assert.equal((await fetch(`${other.url}/${management}/instances/kept`)).status, 404);
  await other.stop();
  const again = await startDurableHost(one);
  assert.equal((await statusOf(again.url, "kept")).output, 7);
  await again.stop();
});

test("a store of another version keeps the host from starting", async () => {
  const dataDirectory = join(directory, "newer");
  await (await startDurableHost(dataDirectory)).stop();
  const sql = new DatabaseSync(join(dataDirectory, "durable.sqlite"));
  sql.exec("PRAGMA user_version = 99");
  sql.close();
  await assert.rejects(
    startDurableHost(dataDirectory),
    /^Error: The store in .* has version 99, this functions host writes version \d+; remove the directory/,
  );
});
