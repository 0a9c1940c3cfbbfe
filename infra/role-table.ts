import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceTable } from "../tools/doc-tables.ts";

// What the app's identity may do, as a table of docs/security.md. It is made of the snapshot of an
// ordinary deployment. `npm run infra` writes it, and so does
// `node local/node.js infra/write-role-table.ts`.

/** Built-in roles by their ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const builtInRoles: Readonly<Record<string, string>> = {
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "090c5cfd-751d-490a-894a-3ce6f1109419": "Azure Service Bus Data Owner",
  "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
  "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
};

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: {
    readonly roleDefinitionId?: string;
    readonly roleName?: string;
    readonly permissions?: readonly { readonly actions: readonly string[] }[];
  };
}

const root = join(import.meta.dirname, "..");
const documentFile = join(root, "docs", "security.md");

/** Returns the table of the roles in a snapshot. Throws if it has a role that has no name here. */
export function tableOfRoles(snapshotText: string): string {
  const { predictedResources } = JSON.parse(snapshotText) as { predictedResources: readonly Resource[] };
  const custom = new Map(
    predictedResources.filter(({ type }) => type.endsWith("/roleDefinitions")).map(({ id, properties }) => [id, properties]),
  );
  const rows = predictedResources
    .filter(({ type }) => type.endsWith("/roleAssignments"))
    .map(({ id, properties: { roleDefinitionId = "" } }) => {
      const definition = custom.get(roleDefinitionId);
      const name = definition?.roleName?.replace(/ \(\w+\)$/, "") ?? builtInRoles[roleDefinitionId.split("/").at(-1) ?? ""];
      if (name === undefined) throw new Error(`infra/role-table.ts has no name for the role ${roleDefinitionId}. Add it to builtInRoles.`);
      const actions = definition?.permissions?.flatMap((permission) => permission.actions) ?? [];
      return `| ${name} | ${placeOf(id)} | ${actions.length === 0 ? "as built in" : actions.map((action) => `\`${action}\``).join(", ")} |\n`;
    });
  return ["| role | where | actions |\n", "| --- | --- | --- |\n", ...[...new Set(rows)].sort()].join("");
}

/** Writes the table of the committed snapshot into docs/security.md. */
export function writeRoleTable(): void {
  const snapshot = readFileSync(join(import.meta.dirname, "snapshots", "minimal.snapshot.json"), "utf8");
  writeFileSync(documentFile, replaceTable(readFileSync(documentFile, "utf8"), "roles", tableOfRoles(snapshot)));
}

const words: Readonly<Record<string, string>> = {
  storageAccounts: "the storage account",
  components: "Application Insights",
  queues: "the queue",
  topics: "the topic",
  secrets: "the secret",
  vaults: "the vault",
  namespaces: "the namespace",
};

/** Returns the place of a role assignment in words, from the expression of its id. */
function placeOf(id: string): string {
  if (id.startsWith("[subscriptionResourceId(")) return "each subscription of gateways";
  if (id.startsWith("[resourceId(")) return "each resource group of gateways";
  const [, scope = id] = /^\[extensionResourceId\('([^']+)'/.exec(id) ?? [];
  const [type = "", name = ""] = scope.split("/").slice(-2);
  // The names of the environment's own resources end with a hash, which says nothing here.
  return /[a-z0-9]{13}$/.test(name) && ["storageAccounts", "components", "namespaces", "vaults"].includes(type)
    ? (words[type] ?? type)
    : `${words[type] ?? type} \`${name}\``;
}
