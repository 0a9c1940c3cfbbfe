import assert from "node:assert/strict";
import { test } from "node:test";
import { deployed, type SnapshotName, scopeOf, snapshotNames, textOf } from "../support/deployment.ts";

// What the app's identity may do, and where: exactly this, and nothing on a whole group, namespace
// or vault of the app.

/** Built-in roles by their ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const builtIn: Readonly<Record<string, string>> = {
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "090c5cfd-751d-490a-894a-3ce6f1109419": "Azure Service Bus Data Owner",
  "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
};

const storage = "Microsoft.Storage/storageAccounts/stvpn";
const namespace = "Microsoft.ServiceBus/namespaces/sb-vpn";
const first = "/subscriptions/00000000-0000-0000-0000-000000000001";
const second = "/subscriptions/00000000-0000-0000-0000-000000000002";
const always = [
  `Azure Service Bus Data Sender at ${namespace}/queues/vpn-connection-requests-quarantine`,
  `Azure Service Bus Data Sender at ${namespace}/topics/vpn-connection-events`,
  "Key Vault Secrets User at Microsoft.KeyVault/vaults/kv-vpn/secrets/sealing-keys",
  "Monitoring Metrics Publisher at Microsoft.Insights/components/appi-vpn",
  `Storage Blob Data Owner at ${storage}`,
  `Storage Queue Data Contributor at ${storage}`,
  `Storage Table Data Contributor at ${storage}`,
  `VPN connection operations reader at ${first}`,
  `VPN connection provisioner at ${first}/resourceGroups/rg-wan`,
];
const expected: Readonly<Record<SnapshotName, readonly string[]>> = {
  minimal: [...always, `Azure Service Bus Data Owner at ${namespace}/queues/vpn-connection-requests`],
  private: [
    ...always,
    `Azure Service Bus Data Owner at ${namespace}/queues/requests-portal`,
    `Azure Service Bus Data Owner at ${namespace}/queues/requests-ticketing`,
    `Key Vault Secrets User at ${first}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-branches`,
    `VPN connection operations reader at ${second}`,
    `VPN connection provisioner at ${first}/resourceGroups/rg-sites`,
    `VPN connection provisioner at ${second}/resourceGroups/rg-wan`,
  ],
};

interface RoleDefinition {
  readonly roleName: string;
  readonly permissions: readonly { readonly actions: readonly string[]; readonly notActions: readonly string[] }[];
  readonly assignableScopes: readonly string[];
}
const definitionsOf = (name: SnapshotName) =>
  deployed(name, "Microsoft.Authorization/roleDefinitions").map(({ id, properties }) => ({
    id,
    ...(properties as unknown as RoleDefinition),
  }));

for (const name of snapshotNames) {
  test(`${name}: the roles of the identity, each at its narrowest scope`, () => {
    const custom = new Map(definitionsOf(name).map(({ id, roleName }) => [id, roleName.replace(/ \(\w+\)$/, "")]));
    const found = deployed(name, "Microsoft.Authorization/roleAssignments").map((assignment) => {
      const role = String(assignment.properties["roleDefinitionId"]);
      return `${custom.get(role) ?? builtIn[role.split("/").at(-1) ?? ""] ?? role} at ${scopeOf(assignment)}`;
    });
    assert.deepEqual(found.sort(), [...expected[name]].sort());
  });

  test(`${name}: every role is given to the app's identity, as a service principal`, () => {
    for (const { properties } of deployed(name, "Microsoft.Authorization/roleAssignments")) {
      assert.equal(properties["principalType"], "ServicePrincipal");
      assert.match(String(properties["principalId"]), /'identity-\{0\}'.*\.outputs\.principalId\.value\]$/);
    }
  });

  test(`${name}: the custom roles have no wildcard, no delete, no other action, and belong to one subscription`, () => {
    const definitions = definitionsOf(name);
    assert.equal(definitions.length, name === "minimal" ? 2 : 4);
    for (const { id, permissions, assignableScopes } of definitions) {
      assert.deepEqual(assignableScopes, [id.split("/providers/")[0]]);
      for (const { actions, notActions } of permissions) {
        assert.deepEqual(notActions, []);
        for (const action of actions) assert.match(action, /^Microsoft\.Network\/[\w/]+\/(read|write)$/);
        assert.deepEqual(
          actions.filter((action) => action.endsWith("/write")),
          actions.length > 2 ? ["Microsoft.Network/vpnGateways/vpnConnections/write"] : [],
        );
      }
    }
  });

  test(`${name}: no two custom roles have one name, which is the tenant's`, () => {
    const names = definitionsOf(name).map(({ roleName }) => roleName);
    assert.equal(new Set(names).size, names.length, names.join(", "));
  });

  test(`${name}: the custom roles have the actions of gateway-actions.json`, () => {
    const { resourceGroup, subscription, askedByAzure } = JSON.parse(textOf("gateway-actions.json")) as Record<string, string[]>;
    for (const { roleName, permissions } of definitionsOf(name)) {
      const actions = roleName.startsWith("VPN connection provisioner")
        ? [...(resourceGroup ?? []), ...(askedByAzure ?? [])]
        : subscription;
      assert.deepEqual(
        permissions.map((permission) => permission.actions),
        [actions],
      );
    }
  });
}
