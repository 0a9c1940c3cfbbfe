import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSettings, settingNames } from "../../shared/settings.ts";

const key = Buffer.alloc(32, 1).toString("base64");
const least = { ServiceBus: "Endpoint=sb://x", SEALING_KEYS: JSON.stringify({ k1: key }) };

test("the required settings, and every default", () => {
  const settings = readSettings({ ...least, ServiceBus__fullyQualifiedNamespace: "" });
  assert.equal(settings.ARM_ENDPOINT, "https://management.azure.com");
  assert.equal(settings.ARM_AUDIENCE, "https://management.azure.com/.default");
  assert.equal(settings.ARM_NETWORK_API_VERSION, "2024-03-01");
  assert.deepEqual(
    [[...settings.REQUEST_QUEUES], settings.QUARANTINE_QUEUE, settings.COMPLETION_TOPIC],
    [[["vpn-connection-requests", ""]], "vpn-connection-requests-quarantine", "vpn-connection-events"],
  );
  assert.deepEqual(settings.PROVISIONING_POLICY, {
    budgets: { transient: { seconds: 900 }, busy: { seconds: 3600 } },
    deadlineMinutes: 60,
    queueDeadlineMinutes: 1440,
    timersFireEarlySeconds: 1,
    raisedWarnings: [],
  });
  assert.deepEqual([...settings.SEALING_KEYS.keys()], ["k1"]);
  assert.deepEqual(settings.KEY_VAULT_ALLOWED_HOSTS, [], "no vault is read unless it is named");
});

test("vault hosts are returned in lower case, without port 443, each once", () => {
  const given = " One.vault.azure.net, two.vault.azure.net:443,127.0.0.1:8443,[::1]:8443,ONE.vault.azure.net ";
  assert.deepEqual(readSettings({ ...least, KEY_VAULT_ALLOWED_HOSTS: given }).KEY_VAULT_ALLOWED_HOSTS, [
    "one.vault.azure.net",
    "two.vault.azure.net",
    "127.0.0.1:8443",
    "[::1]:8443",
  ]);
});

test("the order of the sealing keys stays", () => {
  const settings = readSettings({ ...least, SEALING_KEYS: JSON.stringify({ newest: key, older: key }) });
  assert.equal([...settings.SEALING_KEYS.keys()][0], "newest");
});

test("the settings of queues, targets and secrets are returned as maps", () => {
  const settings = readSettings({
    ...least,
    REQUEST_QUEUES: '{"tickets":"/ticketing","portal.x/1":""}',
    ALLOWED_TARGETS: '{"/ticketing":["/subscriptions/s/resourcegroups/rg"],"":[]}',
    KEY_VAULT_ALLOWED_SECRETS: '{"One.vault.azure.net:443":["vpn-*","Exact"]}',
  });
  assert.deepEqual(
    [...settings.REQUEST_QUEUES],
    [
      ["tickets", "/ticketing"],
      ["portal.x/1", ""],
    ],
  );
  assert.deepEqual(
    [...(settings.ALLOWED_TARGETS ?? [])],
    [
      ["/ticketing", ["/subscriptions/s/resourcegroups/rg"]],
      ["", []],
    ],
  );
  assert.deepEqual([...(settings.KEY_VAULT_ALLOWED_SECRETS ?? [])], [["one.vault.azure.net", ["vpn-*", "Exact"]]]);
  const open = readSettings({ ...least, REQUEST_QUEUE: "other", REQUEST_QUEUES: "" });
  assert.deepEqual([[...open.REQUEST_QUEUES], open.ALLOWED_TARGETS, open.KEY_VAULT_ALLOWED_SECRETS], [[["other", ""]], null, null]);
});

const faults: readonly (readonly [name: string, environment: Record<string, string>, says: RegExp])[] = [
  ["no Service Bus", { ServiceBus: "" }, /ServiceBus: Set either/],
  ["two Service Buses", { ServiceBus__fullyQualifiedNamespace: "x.servicebus.windows.net" }, /ServiceBus: Set either/],
  ["no keys", { SEALING_KEYS: "" }, /SEALING_KEYS: missing/],
  ["keys that are no JSON", { SEALING_KEYS: "top-secret" }, /SEALING_KEYS: Expected a JSON object/],
  ["an empty ring", { SEALING_KEYS: "{}" }, /SEALING_KEYS: Expected at least one key/],
  ["a short key", { SEALING_KEYS: '{"k1":"dG9wLXNlY3JldA=="}' }, /SEALING_KEYS: Expected keys of 32 bytes/],
  [
    "keys whose order is lost",
    { SEALING_KEYS: JSON.stringify({ 2: key, 1: key }) },
    /SEALING_KEYS: Expected key names with a letter, such as k1$/m,
  ],
  ["an endpoint without TLS", { ARM_ENDPOINT: "http://localhost" }, /ARM_ENDPOINT: Expected an https URL/],
  ...[
    "https://top-secret.vault.azure.net",
    "*.top-secret.azure.net",
    "top-secret.vault.azure.net,,b",
    "top-secret@b",
    "top-secret/",
    "127.1",
    ".",
  ].map((hosts) => [`vault hosts ${hosts}`, { KEY_VAULT_ALLOWED_HOSTS: hosts }, /KEY_VAULT_ALLOWED_HOSTS: Expected host names/] as const),
  ["a policy with an unknown field", { PROVISIONING_POLICY: '{"budget":1}' }, /PROVISIONING_POLICY/],
  [
    "both settings of queues",
    { REQUEST_QUEUE: "top-secret", REQUEST_QUEUES: '{"q":""}' },
    /REQUEST_QUEUES: Set either REQUEST_QUEUE .* not both/,
  ],
  ["queues that are no JSON", { REQUEST_QUEUES: "top-secret" }, /REQUEST_QUEUES: Expected a JSON object of queue to source prefix/],
  ["no queue", { REQUEST_QUEUES: "{}" }, /REQUEST_QUEUES: Expected at least one queue/],
  ["a queue without a name", { REQUEST_QUEUES: '{"":"/a"}' }, /REQUEST_QUEUES: Expected queue names/],
  ["a queue's dead letters", { REQUEST_QUEUES: '{"top-secret/$DeadLetterQueue":"/a"}' }, /REQUEST_QUEUES: Expected queue names/],
  ["two queues of one function name", { REQUEST_QUEUES: '{"a-b":"/a","A.B":"/b"}' }, /REQUEST_QUEUES: Expected queues whose names differ/],
  ...['"/top-secret/"', '"/"', '"/a\\nb"', "null", "7", '["/a"]', `"${"/top-secret".repeat(20)}"`].map(
    (prefix) => [`the prefix ${prefix}`, { REQUEST_QUEUES: `{"q":${prefix}}` }, /REQUEST_QUEUES: /] as const,
  ),
  ...["top-secret", "[]", '{"/a/":[]}', '{"/a":"/subscriptions/s"}'].map(
    (targets) => [`the targets ${targets}`, { ALLOWED_TARGETS: targets }, /ALLOWED_TARGETS: /] as const,
  ),
  ...[
    "/subscriptions/",
    "/subscriptions/s/",
    "subscriptions/top-secret",
    "/subscriptions/s/resourceGroups",
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/vpnSites/top-secret",
    "*",
  ].map(
    (id) =>
      [`the target ${id}`, { ALLOWED_TARGETS: JSON.stringify({ "/a": [id] }) }, /ALLOWED_TARGETS: Expected Resource Manager ids/] as const,
  ),
  ["secrets of a URL", { KEY_VAULT_ALLOWED_SECRETS: '{"https://top-secret":["*"]}' }, /KEY_VAULT_ALLOWED_SECRETS: Expected host names/],
  ["a pattern of other signs", { KEY_VAULT_ALLOWED_SECRETS: '{"a.b":["top_secret?"]}' }, /KEY_VAULT_ALLOWED_SECRETS: Expected patterns/],
  ["a preflight that nobody knows", { PREFLIGHT: "top-secret" }, /PREFLIGHT: /],
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
