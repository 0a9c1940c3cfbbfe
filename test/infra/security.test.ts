import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableOfRoles } from "../../infra/role-table.ts";
import { readTable } from "../../tools/doc-tables.ts";
import { deployed, textOf } from "../support/deployment.ts";

// docs/security.md: each control has a test that exists, and the roles are those of the snapshot.

const root = join(import.meta.dirname, "..", "..");
const text = readFileSync(join(root, "docs", "security.md"), "utf8");

/** The rows of the table of threats, each as its cells. */
const threats = (text.split("## Threats")[1]?.split("\n## ")[0] ?? "")
  .split("\n")
  .filter((line) => /^\| (?!asset|---)/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("the table of threats", () => {
  test("has every kind of threat, and each row is complete", () => {
    assert.ok(threats.length > 25);
    for (const cells of threats) {
      assert.equal(cells.length, 5, cells.join());
      assert.ok(
        cells.every((cell) => cell !== ""),
        cells.join(),
      );
    }
    assert.deepEqual([...new Set(threats.map(([, kind]) => kind))].sort(), ["D", "E", "I", "R", "S", "T"]);
  });

  for (const [asset, kind, threat, , proof = ""] of threats)
    test(`${asset}, ${kind}: ${threat} The test that proves the control exists`, () => {
      const [, path = "", title = ""] = /^`(test\/[\w/.-]+\.test\.ts)`: `([^`]+)`$/.exec(proof) ?? [];
      assert.ok(existsSync(join(root, path)) && path !== "", `${proof} does not name a test`);
      const titles = [...readFileSync(join(root, path), "utf8").matchAll(/\btest\(\s*(["`])((?:(?!\1).)+)\1/g)].map(
        ([, , found = ""]) => found,
      );
      assert.ok(
        titles.some((found) => found === title || (found.includes("${") && found.includes(title))),
        `${path} has no test "${title}"`,
      );
    });
});

describe("the roles of the app's identity", () => {
  const snapshot = textOf("snapshots/minimal.snapshot.json");

  test("are those of the snapshot", () => {
    const rewrite = "run node local/node.js infra/write-role-table.ts";
    assert.equal(readTable(text, "roles"), tableOfRoles(snapshot), rewrite);
  });

  test("are as many as the snapshot gives, and an added one shows", () => {
    const rows = (table: string) => table.trim().split("\n").length - 2;
    assert.equal(rows(tableOfRoles(snapshot)), deployed("minimal", "Microsoft.Authorization/roleAssignments").length);
    const { predictedResources, ...rest } = JSON.parse(snapshot) as { predictedResources: { type: string; id: string }[] };
    const [first] = predictedResources.filter(({ type }) => type.endsWith("/roleAssignments"));
    const more = { ...first, id: "[extensionResourceId('/subscriptions/x/resourceGroups/y/providers/a/queues/other', 'b')]" };
    const longer = tableOfRoles(JSON.stringify({ ...rest, predictedResources: [...predictedResources, more] }));
    assert.equal(rows(longer), rows(tableOfRoles(snapshot)) + 1);
    assert.match(longer, /the queue `other`/);
  });

  test("a role that has no name here is named", () => {
    const unknown = snapshot.replaceAll("4633458b-17de-408a-b874-0445c86b69e6", "00000000-0000-0000-0000-000000000bad");
    assert.throws(() => tableOfRoles(unknown), /no name for the role .*bad\. Add it to builtInRoles/);
  });
});

test("what the audit table says is sent: each log category of the templates is named, and no other", () => {
  const categories = ["minimal", "private"] as const;
  const sent = categories.flatMap((name) =>
    deployed(name, "Microsoft.Insights/diagnosticSettings").flatMap(({ properties }) =>
      (properties["logs"] as { category: string }[]).map(({ category }) => category),
    ),
  );
  const section = text.split("## Audit")[1]?.split("\n## ")[0] ?? "";
  const named = [...section.matchAll(/^\| .*`(\w+)` of the (?:vault|namespace)/gm)].map(([, category = ""]) => category);
  assert.deepEqual([...new Set(named)].sort(), [...new Set(sent)].sort());
  const [workspace] = deployed("minimal", "Microsoft.OperationalInsights/workspaces");
  assert.match(section, new RegExp(`${workspace?.properties["retentionInDays"]} days, the workspace`));
});
