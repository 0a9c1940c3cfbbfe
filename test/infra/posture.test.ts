import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSettings, settingNames } from "../../shared/settings.ts";
import { appSettingsOf, deployed, onlyDeployed, type SnapshotName, snapshotNames, textOf } from "../support/deployment.ts";

// What the deployed app gets, and what is closed: no shared keys, no local accounts, no passwords.

const root = join(import.meta.dirname, "..", "..");
/** Settings that the host reads, not the app. */
const hostSettings = [
  ...["blobServiceUri", "queueServiceUri", "tableServiceUri", "credential", "clientId"].map((name) => `AzureWebJobsStorage__${name}`),
  ...["ServiceBus__credential", "ServiceBus__clientId"],
  ...["APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
];
const only = (name: SnapshotName, type: string) => onlyDeployed(name, type).properties;

for (const name of snapshotNames) {
  test(`${name}: each setting is one of the app's or of the host's, and the app starts with them`, () => {
    const settings = appSettingsOf(name);
    const known = [...settingNames, ...hostSettings];
    assert.deepEqual(
      Object.keys(settings).filter((setting) => !known.includes(setting)),
      [],
    );
    assert.deepEqual(
      hostSettings.filter((setting) => settings[setting] === undefined),
      [],
    );
    assert.match(settings["SEALING_KEYS"] ?? "", /@Microsoft\.KeyVault\(SecretUri=\{0\}secrets\/sealing-keys\/\)/);
    const secret = JSON.stringify({ k1: Buffer.alloc(32).toString("base64") });
    // The suffix of vaults is the cloud's.
    const [, vault] =
      /format\('\{0\}\{1\}', '([\w-]+)', environment\(\)\.suffixes\.keyvaultDns\)/.exec(settings["KEY_VAULT_ALLOWED_HOSTS"] ?? "") ?? [];
    const hosts = vault && `${vault}.vault.azure.net`;
    const read = readSettings({ ...settings, SEALING_KEYS: secret, KEY_VAULT_ALLOWED_HOSTS: hosts });
    const queues = {
      minimal: [["vpn-connection-requests", ""]],
      private: [
        ["requests-portal", "/portal"],
        ["requests-ticketing", "/ticketing"],
      ],
    };
    assert.deepEqual([...read.REQUEST_QUEUES].sort(), queues[name]);
    assert.deepEqual(read.KEY_VAULT_ALLOWED_HOSTS, name === "minimal" ? [] : ["kv-branches.vault.azure.net"]);
    assert.deepEqual([...(read.ALLOWED_TARGETS?.keys() ?? [])].sort(), name === "minimal" ? [] : ["/portal", "/ticketing"]);
  });

  test(`${name}: nothing that Flex Consumption ignores or refuses is set`, () => {
    const never = /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_.*|SCM_.*|ENABLE_ORYX_BUILD|TZ|AzureWebJobsStorage)$/;
    assert.deepEqual(
      Object.keys(appSettingsOf(name)).filter((setting) => never.test(setting)),
      [],
    );
  });

  test(`${name}: storage has no shared keys, no anonymous access, and cannot be deleted`, () => {
    const { allowSharedKeyAccess, allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly } = only(
      name,
      "Microsoft.Storage/storageAccounts",
    );
    assert.deepEqual(
      [allowSharedKeyAccess, allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly],
      [false, false, "TLS1_2", true],
    );
    assert.equal(only(name, "Microsoft.Authorization/locks")["level"], "CanNotDelete");
  });

  test(`${name}: the namespace and monitoring take Entra tokens only`, () => {
    const { disableLocalAuth, minimumTlsVersion } = only(name, "Microsoft.ServiceBus/namespaces");
    assert.deepEqual([disableLocalAuth, minimumTlsVersion], [true, "1.2"]);
    assert.deepEqual(only(name, "Microsoft.OperationalInsights/workspaces")["features"], { disableLocalAuth: true });
    assert.equal(only(name, "Microsoft.Insights/components")["DisableLocalAuth"], true);
    assert.deepEqual(
      deployed(name).filter(({ type }) => /authorizationRules/i.test(type)),
      [],
    );
  });

  test(`${name}: the vault has roles, and what is deleted stays for 90 days`, () => {
    const { enableRbacAuthorization, enableSoftDelete, softDeleteRetentionInDays, enablePurgeProtection } = only(
      name,
      "Microsoft.KeyVault/vaults",
    );
    assert.deepEqual([enableRbacAuthorization, enableSoftDelete, softDeleteRetentionInDays, enablePurgeProtection], [true, true, 90, true]);
    // The sealing keys are written by an operator.
    assert.deepEqual(deployed(name, "Microsoft.KeyVault/vaults/secrets"), []);
  });

  test(`${name}: the app is reached by HTTPS only, and deployed without a password`, () => {
    const { httpsOnly, siteConfig, functionAppConfig } = only(name, "Microsoft.Web/sites");
    const { appSettings: _settings, ...site } = siteConfig as { appSettings: unknown };
    assert.deepEqual([httpsOnly, site], [true, { minTlsVersion: "1.2" }]);
    const { deployment } = functionAppConfig as { deployment: { storage: { authentication: { type: string } } } };
    assert.equal(deployment.storage.authentication.type, "UserAssignedIdentity");
    const policies = deployed(name, "Microsoft.Web/sites/basicPublishingCredentialsPolicies");
    assert.deepEqual(policies.map((policy) => [policy.name.split("/")[1], policy.properties]).sort(), [
      ["ftp", { allow: false }],
      ["scm", { allow: false }],
    ]);
  });

  test(`${name}: who reads the vault, and what happens to the namespace, is logged`, () => {
    const logs = deployed(name, "Microsoft.Insights/diagnosticSettings").flatMap(({ properties }) =>
      (properties["logs"] as { category: string; enabled: boolean }[]).filter(({ enabled }) => enabled).map(({ category }) => category),
    );
    assert.deepEqual(logs.sort(), ["AuditEvent", "OperationalLogs", ...(name === "private" ? ["RuntimeAuditLogs"] : [])]);
  });
}

test("in a private network all that holds data has an endpoint and no public access", () => {
  for (const type of ["Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.ServiceBus/namespaces"]) {
    assert.equal(only("private", type)["publicNetworkAccess"], "Disabled", type);
    assert.equal(only("minimal", type)["publicNetworkAccess"], "Enabled", type);
  }
  const groups = deployed("private", "Microsoft.Network/privateEndpoints").flatMap(({ properties }) =>
    (properties["privateLinkServiceConnections"] as { properties: { groupIds: string[] } }[]).flatMap((each) => each.properties.groupIds),
  );
  assert.deepEqual(groups.sort(), ["blob", "namespace", "queue", "table", "vault"]);
  for (const type of ["privateDnsZones", "privateDnsZones/virtualNetworkLinks", "privateEndpoints/privateDnsZoneGroups"])
    assert.equal(deployed("private", `Microsoft.Network/${type}`).length, groups.length, type);
  assert.deepEqual(
    deployed("minimal").filter(({ type }) => type.startsWith("Microsoft.Network/")),
    [],
  );
});

test("in a private network the app reaches Azure and the internet through a NAT gateway", () => {
  const { subnets } = only("private", "Microsoft.Network/virtualNetworks") as unknown as {
    subnets: { name: string; properties: { natGateway?: { id: string } } }[];
  };
  const wayOut = onlyDeployed("private", "Microsoft.Network/natGateways");
  const address = onlyDeployed("private", "Microsoft.Network/publicIPAddresses");
  assert.deepEqual(
    subnets.map(({ name, properties }) => [name, properties.natGateway?.id]),
    [
      ["app", wayOut.id],
      ["endpoints", undefined],
    ],
  );
  assert.deepEqual(wayOut.properties["publicIpAddresses"], [{ id: address.id }]);
});

test("only Premium has private endpoints", () => {
  const skuOf = (name: SnapshotName) =>
    (onlyDeployed(name, "Microsoft.ServiceBus/namespaces") as unknown as { sku: { name: string } }).sku.name;
  assert.deepEqual(snapshotNames.map(skuOf), ["Standard", "Premium"]);
});

test("every parameter of main.bicep has a value of the environment, or its default is meant for all", () => {
  const { parameters } = JSON.parse(textOf("main.json")) as { parameters: Record<string, { type: string }> };
  const given = [...textOf("main.bicepparam").matchAll(/^param (\w+) =/gm)].map(([, name]) => name);
  assert.deepEqual(given.sort(), Object.keys(parameters).sort());
  // A text in the environment can be given away by mistake. What is secret is in the vault.
  for (const [name, { type }] of Object.entries(parameters)) assert.doesNotMatch(type, /secure/i, name);
});

test("azd deploys what `npm run build` makes, as it is", () => {
  const text = readFileSync(join(root, "azure.yaml"), "utf8");
  for (const line of ["language: js", "host: function", "dist: dist", "remoteBuild: false", "path: infra", "module: main"])
    assert.match(text, new RegExp(`^ +${line}$`, "m"));
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  // azd would run it after the build.
  assert.equal(scripts["package"], undefined);
  assert.match(textOf("modules/function-app.bicep"), /'azd-service-name': 'app'/);
});
