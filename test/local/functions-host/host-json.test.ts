import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readHostJson } from "../../../local/functions-host/host-json.ts";

function read(hostJson: object) {
  const directory = mkdtempSync(join(tmpdir(), "host-json-"));
  try {
    writeFileSync(join(directory, "host.json"), JSON.stringify(hostJson));
    return readHostJson(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("what host.json does not say is as the extensions have it", () => {
  assert.deepEqual(read({ version: "2.0" }), {
    activities: 10,
    orchestrators: 10,
    queues: { partitions: 4, messagesHiddenForMs: 300_000, workHiddenForMs: 300_000 },
    hubName: "TestHubName",
    routePrefix: "api",
    serviceBus: { maxConcurrentCalls: 16, maxAutoLockRenewalMs: 300_000, autoComplete: true },
  });
});

test("what it says is followed", () => {
  const storageProvider = {
    partitionCount: 2,
    controlQueueVisibilityTimeout: "00:01:00",
    workItemQueueVisibilityTimeout: "00:02:00",
  };
  const durableTask = { hubName: "Hub", maxConcurrentActivityFunctions: 3, maxConcurrentOrchestratorFunctions: 4, storageProvider };
  const serviceBus = { maxConcurrentCalls: 2, maxAutoLockRenewalDuration: "01:02:03", autoCompleteMessages: false };
  assert.deepEqual(read({ extensions: { durableTask, serviceBus, http: { routePrefix: "v1" } } }), {
    activities: 3,
    orchestrators: 4,
    queues: { partitions: 2, messagesHiddenForMs: 60_000, workHiddenForMs: 120_000 },
    hubName: "Hub",
    routePrefix: "v1",
    serviceBus: { maxConcurrentCalls: 2, maxAutoLockRenewalMs: 3_723_000, autoComplete: false },
  });
});

test("a time span of another form is a sentence", () => {
  assert.throws(() => read({ extensions: { serviceBus: { maxAutoLockRenewalDuration: "5 minutes" } } }), {
    message: 'host.json: "5 minutes" is not a time span of the form hh:mm:ss.',
  });
});
