import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { durableSettings } from "../../../local/functions-host/durable-settings.ts";
import { readHostJson } from "../../../local/functions-host/host-json.ts";
import { isRun, readVersions } from "../../../local/functions-host/versions.ts";

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
    versions: { default: "", strategy: "CurrentOrOlder" },
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
  const durableTask = {
    ...{ hubName: "Hub", MaxConcurrentActivityFunctions: 3, maxConcurrentOrchestratorFunctions: "4", storageProvider },
    ...{ defaultVersion: "2.0", versionMatchStrategy: "strict" },
  };
  const serviceBus = { maxConcurrentCalls: 2, maxAutoLockRenewalDuration: "01:02:03", autoCompleteMessages: false };
  assert.deepEqual(read({ extensions: { durableTask, serviceBus, http: { routePrefix: "v1" } } }), {
    activities: 3,
    orchestrators: 4,
    queues: { partitions: 2, messagesHiddenForMs: 60_000, workHiddenForMs: 120_000 },
    hubName: "Hub",
    versions: { default: "2.0", strategy: "Strict" },
    routePrefix: "v1",
    serviceBus: { maxConcurrentCalls: 2, maxAutoLockRenewalMs: 3_723_000, autoComplete: false },
  });
});

test("a time span of another form is a sentence", () => {
  assert.throws(() => read({ extensions: { serviceBus: { maxAutoLockRenewalDuration: "5 minutes" } } }), {
    message: 'host.json: "5 minutes" is not a time span of the form hh:mm:ss.',
  });
});

const durable = (name: string, value: unknown) => {
  const [section, inside] = name.split(".");
  return read({ extensions: { durableTask: inside ? { [String(section)]: { [inside]: value } } : { [name]: value } } });
};
const refused = (what: string) => ({
  message: `The development host does not support ${what} (extensions.durableTask in host.json); use \`func start\`.`,
});
for (const [name, treatment] of Object.entries(durableSettings)) {
  if (typeof treatment === "string") {
    if (treatment === "azure") test(`${name} changes nothing here`, () => assert.deepEqual(durable(name, "00:01:00"), read({})));
  } else {
    test(`${name} is taken as ${treatment.join(" or ") || "nothing"}, and refused by name otherwise`, () => {
      for (const value of treatment) assert.deepEqual(durable(name, value), read({}));
      assert.throws(() => durable(name, "7"), refused(`${name} 7`));
      assert.throws(() => durable(name.toUpperCase().replace("STORAGEPROVIDER", "storageProvider"), { inside: 1 }), refused(name));
    });
  }
}

test("true and false are taken as such", () => {
  assert.deepEqual(durable("extendedSessionsEnabled", false), read({}));
  assert.throws(() => durable("extendedSessionsEnabled", true), refused("extendedSessionsEnabled true"));
});

test("a setting that there is not is a sentence, and so is a number that is none", () => {
  const sentence = (name: string) => ({ message: `host.json: extensions.durableTask has no setting ${name}. Check its spelling.` });
  assert.throws(() => durable("maxConcurrentActivities", 1), sentence("maxConcurrentActivities"));
  assert.throws(() => durable("storageProvider.partitions", 1), sentence("storageProvider.partitions"));
  assert.throws(() => durable("tracing.versions", "V2"), sentence("tracing.versions"));
  for (const value of [0, -1, 1.5, "many"]) {
    const message = `host.json: maxConcurrentActivityFunctions must be a whole number from 1 on. Found ${value}.`;
    assert.throws(() => durable("maxConcurrentActivityFunctions", value), { message });
  }
  const message = "host.json: versionMatchStrategy is one of None, Strict, CurrentOrOlder. Found Newest.";
  assert.throws(() => durable("versionMatchStrategy", "Newest"), { message });
});

const versions: readonly (readonly [version: string, own: string, strategy: string, runs: boolean])[] = [
  ["", "", "CurrentOrOlder", true],
  ["1.0", "", "CurrentOrOlder", false],
  ["", "1.0", "CurrentOrOlder", true],
  ["1.9", "1.10", "CurrentOrOlder", true],
  ["1.10", "1.9", "CurrentOrOlder", false],
  ["1.0.1", "1.0", "CurrentOrOlder", false],
  ["beta", "Beta", "CurrentOrOlder", true],
  ["1.0", "1.0", "Strict", true],
  ["0.9", "1.0", "Strict", false],
  ["", "1.0", "Strict", false],
  ["9", "", "None", true],
];
for (const [version, own, strategy, runs] of versions) {
  test(`an app of version "${own}" (${strategy}) ${runs ? "runs" : "does not run"} an instance of version "${version}"`, () => {
    assert.equal(isRun(version, readVersions(own, strategy)), runs);
  });
}

test("the app's own host.json is accepted, with traces of the second version", () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  assert.equal(readHostJson(root).hubName, "VpnConnections");
  const { telemetryMode, extensions } = JSON.parse(readFileSync(join(root, "host.json"), "utf8"));
  assert.equal(telemetryMode, "OpenTelemetry");
  assert.deepEqual(extensions.durableTask.tracing, { distributedTracingEnabled: true, version: "V2" });
});

test("the app's own instances have a version, and instances without one or with an older one are run", () => {
  const { versions } = readHostJson(join(import.meta.dirname, "..", "..", ".."));
  assert.deepEqual(versions, { default: "1", strategy: "CurrentOrOlder" });
  assert.deepEqual(
    ["", "0.9", "1", "2"].map((version) => isRun(version, versions)),
    [true, true, true, false],
  );
});

test("the README says what becomes of each setting", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "..", "local", "functions-host", "README.md"), "utf8");
  const single = Object.keys(durableSettings).filter((name) => !name.startsWith("tracing."));
  for (const name of [...single, "tracing"]) assert.ok(readme.includes(`\`${name.replace("storageProvider.", "")}\``), name);
});
