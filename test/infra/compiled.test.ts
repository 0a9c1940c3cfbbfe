import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { currentLock, findStale, type Lock, lockFile } from "../../infra/lock.ts";
import { deployed, snapshotNames, textOf } from "../support/deployment.ts";

// The committed JSON is what Bicep made of the committed Bicep files. Nothing here needs Bicep.

const root = join(import.meta.dirname, "..", "..");
const locked = JSON.parse(readFileSync(lockFile, "utf8")) as Lock;

test("no file of infra/ has changed since it was compiled", () => assert.deepEqual(findStale(locked, currentLock()), []));

test("a file that has changed is named, and so is one that is new or gone", () => {
  const current = currentLock();
  const [path = ""] = Object.keys(current.inputs);
  const changed = findStale(locked, { ...current, inputs: { ...current.inputs, [path]: "0", "infra/new.bicep": "0" } });
  assert.equal(changed.length, 2);
  assert.match(changed[0] ?? "", new RegExp(`^${path} has changed since`));
  assert.match(changed[1] ?? "", /^infra\/new\.bicep has changed since/);
  const { [path]: _gone, ...rest } = current.inputs;
  assert.equal(findStale(locked, { ...current, inputs: rest }).length, 1);
  assert.match(findStale(locked, { ...current, outputs: {} })[0] ?? "", /^infra\/main\.json is not what Bicep wrote\./);
  assert.match(findStale({ ...locked, bicep: "0.1.0" }, current)[0] ?? "", /names another Bicep/);
});

test("every Bicep file is an input, and main.json is from the Bicep that is downloaded", () => {
  const files = globSync("infra/**/*.{bicep,bicepparam}", { cwd: root }).map((path) => path.replaceAll("\\", "/"));
  assert.ok(files.length > 10);
  assert.deepEqual(
    Object.keys(locked.inputs).filter((path) => /\.bicep/.test(path)),
    files.sort(),
  );
  const { metadata } = JSON.parse(textOf("main.json")) as { metadata: { _generator: { version: string } } };
  assert.ok(metadata._generator.version.startsWith(`${locked.bicep}.`), metadata._generator.version);
});

/** Versions of the service's API, as Azure Verified Modules used them in August 2026. */
const versions: Readonly<Record<string, string>> = {
  "Microsoft.Authorization/locks": "2020-05-01",
  "Microsoft.Authorization/roleAssignments": "2022-04-01",
  "Microsoft.Authorization/roleDefinitions": "2022-04-01",
  "Microsoft.Insights/actionGroups": "2023-01-01",
  "Microsoft.Insights/components": "2020-02-02",
  "Microsoft.Insights/diagnosticSettings": "2021-05-01-preview",
  "Microsoft.Insights/metricAlerts": "2018-03-01",
  "Microsoft.Insights/scheduledQueryRules": "2023-12-01",
  "Microsoft.Insights/workbooks": "2023-06-01",
  "Microsoft.KeyVault/vaults": "2024-11-01",
  "Microsoft.ManagedIdentity/userAssignedIdentities": "2024-11-30",
  "Microsoft.Network/natGateways": "2025-05-01",
  "Microsoft.Network/privateDnsZones": "2024-06-01",
  "Microsoft.Network/privateEndpoints": "2025-05-01",
  "Microsoft.Network/publicIPAddresses": "2025-05-01",
  "Microsoft.Network/virtualNetworks": "2025-05-01",
  "Microsoft.OperationalInsights/workspaces": "2025-07-01",
  "Microsoft.Resources/resourceGroups": "2024-11-01",
  "Microsoft.ServiceBus/namespaces": "2024-01-01",
  "Microsoft.Storage/storageAccounts": "2025-06-01",
  "Microsoft.Web/serverfarms": "2025-03-01",
  "Microsoft.Web/sites": "2025-03-01",
};

test("each type has one version, and every version is used", () => {
  const used = new Map<string, Set<string>>();
  for (const { type, apiVersion } of snapshotNames.flatMap((name) => deployed(name))) {
    const top = type.split("/").slice(0, 2).join("/");
    used.set(top, new Set([...(used.get(top) ?? []), apiVersion]));
  }
  assert.deepEqual(Object.fromEntries([...used].map(([type, found]) => [type, [...found].join()])), versions);
});

test("modules are files of the repository, so compiling needs no registry", () => {
  for (const path of Object.keys(locked.inputs).filter((input) => input.endsWith(".bicep"))) {
    const modules = [...readFileSync(join(root, path), "utf8").matchAll(/^module \w+ '([^']+)'/gm)];
    for (const [, module = ""] of modules) assert.match(module, /^[\w/-]+\.bicep$/, path);
  }
});

test("outputs are names and ids", () => {
  const { outputs } = JSON.parse(textOf("main.json")) as { outputs: Record<string, { type: string }> };
  const names = ["AZURE_RESOURCE_GROUP", "AZURE_TENANT_ID", "FUNCTION_APP_NAME", "SERVICE_BUS_HOST"];
  assert.deepEqual(Object.keys(outputs), [...names, "KEY_VAULT_NAME", "KEY_READER_ASSIGNMENT", "APP_PRINCIPAL_ID"]);
});

test("no output of any template, and nothing that is deployed, reads a key or a secret", () => {
  const texts = ["main.json", ...snapshotNames.map((name) => `snapshots/${name}.snapshot.json`)].map(textOf);
  for (const text of texts)
    assert.doesNotMatch(text, /\blist[A-Z]\w*\(|AccountKey=|SharedAccessKey|InstrumentationKey|securestring|[?&]sig=/i);
  const outputs = [...textOf("main.json").matchAll(/"outputs": \{([\s\S]*?)\n\s*\}(?=\n)/g)].map(([, output = ""]) => output);
  assert.ok(outputs.length > 5);
  for (const output of outputs) assert.doesNotMatch(output, /secret|ConnectionString|sealing/i);
  // What is given to the templates stays in the history of deployments.
  assert.doesNotMatch(textOf("main.json"), /"type": "secureObject"/);
});
