import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSettings, settingNames } from "../../shared/settings.ts";

const key = Buffer.alloc(32, 1).toString("base64");
const least = { ServiceBus: "Endpoint=sb://x", SEALING_KEYS: JSON.stringify({ k1: key }) };

test("the least that is needed, and every default", () => {
  const settings = readSettings({ ...least, ServiceBus__fullyQualifiedNamespace: "" });
  assert.equal(settings.ARM_ENDPOINT, "https://management.azure.com");
  assert.equal(settings.ARM_AUDIENCE, "https://management.azure.com/.default");
  assert.equal(settings.ARM_NETWORK_API_VERSION, "2024-03-01");
  assert.deepEqual(
    [settings.REQUEST_QUEUE, settings.QUARANTINE_QUEUE, settings.COMPLETION_TOPIC],
    ["vpn-connection-requests", "vpn-connection-requests-quarantine", "vpn-connection-events"],
  );
  assert.deepEqual(settings.PROVISIONING_POLICY, {
    budgets: { transient: { seconds: 900 }, busy: { seconds: 3600 } },
    deadlineMinutes: 60,
    queueDeadlineMinutes: 1440,
    raisedWarnings: [],
  });
  assert.deepEqual([...settings.SEALING_KEYS.keys()], ["k1"]);
});

test("the first key of the ring stays the first", () => {
  const settings = readSettings({ ...least, SEALING_KEYS: JSON.stringify({ newest: key, older: key }) });
  assert.equal([...settings.SEALING_KEYS.keys()][0], "newest");
});

const faults: readonly (readonly [name: string, environment: Record<string, string>, says: RegExp])[] = [
  ["no Service Bus", { ServiceBus: "" }, /ServiceBus: Set either/],
  ["two Service Buses", { ServiceBus__fullyQualifiedNamespace: "x.servicebus.windows.net" }, /ServiceBus: Set either/],
  ["no keys", { SEALING_KEYS: "" }, /SEALING_KEYS: missing/],
  ["keys that are no JSON", { SEALING_KEYS: "top-secret" }, /SEALING_KEYS: Expected a JSON object/],
  ["an empty ring", { SEALING_KEYS: "{}" }, /SEALING_KEYS: Expected at least one key/],
  ["a short key", { SEALING_KEYS: '{"k1":"dG9wLXNlY3JldA=="}' }, /SEALING_KEYS: Expected keys of 32 bytes/],
  ["an endpoint without TLS", { ARM_ENDPOINT: "http://localhost" }, /ARM_ENDPOINT: Expected an https URL/],
  ["a policy with an unknown field", { PROVISIONING_POLICY: '{"budget":1}' }, /PROVISIONING_POLICY/],
  [
    "what is not supported yet",
    { PREFLIGHT: "off", KEY_VAULT_ALLOWED_HOSTS: "x" },
    /PREFLIGHT: This setting is not supported yet; remove it\n {2}KEY_VAULT_ALLOWED_HOSTS: This/,
  ],
];
for (const [name, environment, says] of faults) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => readSettings({ ...least, ...environment }),
      (error) => error instanceof Error && says.test(error.message) && !error.message.includes("top-secret"),
    );
  });
}

test("local.settings.example.json lists every setting, and nothing else but the host's own", () => {
  const { Values } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "local.settings.example.json"), "utf8"));
  assert.deepEqual(Object.keys(Values).sort(), ["AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME", ...settingNames].sort());
});
