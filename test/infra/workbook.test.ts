import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { deployed, onlyDeployed, snapshotNames, textOf } from "../support/deployment.ts";

// The workbook is made from the queries, and is deployed as it was made.

const root = join(import.meta.dirname, "..", "..");
interface Item {
  readonly content: { readonly items?: readonly Item[]; readonly query?: string; readonly title?: string; readonly version?: string };
  readonly name: string;
}
const queriesOf = (items: readonly Item[]): Item[] =>
  items.flatMap((item) => [...(item.content.query === undefined ? [] : [item]), ...queriesOf(item.content.items ?? [])]);
const workbook = JSON.parse(textOf("monitoring/workbook.json")) as { version: string; items: Item[] };

test("the file is what the script makes", () => {
  const committed = textOf("monitoring/workbook.json");
  const { status, stderr } = spawnSync(process.execPath, [join(root, "infra", "monitoring", "workbook.ts")], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(textOf("monitoring/workbook.json"), committed);
});

test("it is a notebook whose queries are those of the files, each with its question as the title", () => {
  assert.equal(workbook.version, "Notebook/1.0");
  const items = queriesOf(workbook.items);
  assert.ok(items.length > 15);
  for (const { name, content } of items) {
    const text = textOf(`monitoring/queries/${name}.kql`);
    assert.equal(content.query, text);
    assert.equal(`// ${content.title}`, text.split("\n")[0]);
    assert.equal(content.version, "KqlItem/1.0");
  }
});

test("every query is used, by the workbook or by an alert", () => {
  const inAlerts = readFileSync(join(root, "infra", "modules", "log-alerts.bicep"), "utf8");
  const names = globSync("*.kql", { cwd: join(root, "infra", "monitoring", "queries") }).map((file) => basename(file, ".kql"));
  const shown = queriesOf(workbook.items).map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !shown.includes(name) && !inAlerts.includes(`/${name}.kql'`)),
    [],
  );
});

test("it names no subscription, workspace or other resource", () => {
  assert.doesNotMatch(textOf("monitoring/workbook.json"), /\/subscriptions\/|\/providers\/|crossComponentResources|fallbackResourceIds/i);
});

for (const name of snapshotNames) {
  test(`${name}: it is deployed as it is, for the workspace, and so are the functions that its queries begin with`, () => {
    const { properties } = onlyDeployed(name, "Microsoft.Insights/workbooks");
    assert.deepEqual(JSON.parse(String(properties["serializedData"])), workbook);
    assert.match(String(properties["sourceId"]), /\.outputs\.workspaceId\.value\]$/);
    const saved = deployed(name, "Microsoft.OperationalInsights/workspaces/savedSearches").map((search) => search.properties);
    assert.deepEqual(
      saved.map(({ functionAlias, query }) => [functionAlias, query]),
      ["VpnSteps", "VpnCompletions"].map((alias) => [alias, textOf(`monitoring/functions/${alias}.kql`)]),
    );
  });
}
