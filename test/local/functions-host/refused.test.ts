import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { startSample } from "./host.ts";

// What the development host does not do is refused by its name, with the way out: nothing is
// ignored, nothing hangs.

const sentence = (what: string) => `The development host does not support ${what}; use \`func start\`.`;

describe("orchestrations", () => {
  let sample: Awaited<ReturnType<typeof startSample>>;
  before(async () => {
    sample = await startSample();
  });
  after(() => sample.stop());

  for (const what of ["callHttp", "callSubOrchestrator", "callSubOrchestratorWithRetry", "df.lock", "retryTimeoutInMilliseconds"]) {
    test(`${what} fails the instance`, async () => {
      const { output } = await sample.ends(await sample.start("asksFor", what), "Failed");
      assert.equal(output, `Orchestrator function 'asksFor' failed: ${sentence(what)}`);
    });
    test(`${what} beside an activity does too`, async () => {
      const { output } = await sample.ends(await sample.start("asksForBoth", what), "Failed");
      assert.equal(output, `Orchestrator function 'asksForBoth' failed: ${sentence(what)}`);
    });
  }

  test("setExceptionPropertiesProvider fails the activity that needs it", async () => {
    const { output } = await sample.ends(await sample.start("catchesProperties", null), "Failed");
    assert.match(
      String(output),
      new RegExp(`failed: Activity function 'failWithProperties' failed: ${sentence("setExceptionPropertiesProvider")}`),
    );
  });

  const requests = [
    ["POST", "instances/x/suspend?reason=r", "suspend"],
    ["POST", "instances/x/resume?reason=r", "resume"],
    ["POST", "instances/x/rewind?reason=r", "rewind"],
    ["POST", "instances/x/restart", "restart"],
    ["GET", "instances?instanceIdPrefix=x", "instanceIdPrefix"],
    ["POST", "orchestrators/chain?timeout=1&pollingInterval=1", "a start that waits for the end"],
    ["POST", "orchestrators/chain?version=2.0", 'a start of version 2.0, which an app of version "" does not run'],
    ["GET", "entities", "listing of entities"],
    ["GET", "entities/counter", "listing of entities"],
    ["DELETE", "entities/counter/x", "deleting entities from outside"],
  ] as const;
  for (const [method, path, what] of requests) {
    test(`${method} ${path} is answered 501`, async () => {
      const answer = await sample.call(method, `${sample.base}/${path}`);
      assert.deepEqual([answer.status, answer.body], [501, { Message: sentence(what) }]);
    });
  }
});

describe("functions", { concurrency: true }, () => {
  const called = [
    "queueTrigger",
    "blobTrigger",
    "eventHubTrigger",
    "eventGridTrigger",
    "cosmosDBTrigger",
    "warmupTrigger",
    "cardinality many",
    "isSessionsEnabled",
    "sdkBinding",
    "serviceBus",
    "queue",
    "blob",
    "retry policies",
  ];
  for (const what of called) {
    test(`${what} keeps the host from starting`, async () => assert.equal(await startOf(what), sentence(`${what} (function refused)`)));
  }
  for (const what of [
    "durable-functions 4",
    "enableHttpStream",
    "the route items/{id:int}",
    "the route items/{*rest}",
    "the route item-{id?}",
  ]) {
    test(`${what} keeps the host from starting`, async () => assert.equal(await startOf(what), sentence(what)));
  }
  test("an app without any of them starts", async () => assert.equal(await startOf("nothing"), "ran"));
});

/**
 * What came of a start of a host whose app has the named function: its error's message, or `ran`.
 */
async function startOf(what: string): Promise<string> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "refused-"));
  const worker = new Worker(join(import.meta.dirname, "refused", "start.ts"), {
    env: { ...process.env, REFUSED: what },
    workerData: dataDirectory,
  });
  try {
    const [message] = (await Promise.race([once(worker, "message"), once(worker, "error").then(([error]) => [error.message])])) as [string];
    return message;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await worker.terminate();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}
