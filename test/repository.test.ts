import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

// The files that GitHub and editors read. The pipelines are in pipelines.test.ts.

const root = join(import.meta.dirname, "..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");

test("the folders that Dependabot looks at have something to update", () => {
  const folders = [...textOf(".github/dependabot.yml").matchAll(/^ {6}- \/(\S*)$/gm)].map(([, folder = ""]) => folder);
  assert.ok(folders.length > 2);
  for (const folder of folders)
    assert.ok(existsSync(join(root, folder, "package.json")) || globSync("*.csproj", { cwd: join(root, folder) }).length > 0, folder);
});

test("paths in CODEOWNERS, and programs in the editor's launch file, exist", () => {
  const owned = [...textOf(".github/CODEOWNERS").matchAll(/^\/(\S+) /gm)].map(([, path = ""]) => path);
  assert.ok(owned.length > 0);
  for (const path of owned) assert.ok(existsSync(join(root, path)), path);
  const { configurations } = JSON.parse(textOf(".vscode/launch.json")) as { configurations: { args: string[] }[] };
  for (const argument of configurations.flatMap(({ args }) => args)) {
    if (argument.endsWith(".ts")) assert.ok(existsSync(join(root, argument)), argument);
  }
});

test("the Node of .nvmrc is the one that the launcher looks for and the workflow runs", () => {
  const version = textOf(".nvmrc").trim();
  assert.match(textOf("local/node.js"), new RegExp(`\\bNode ${version}\\b`));
  assert.match(textOf(".github/workflows/ci.yml"), new RegExp(`node: \\[20, ${version}\\]`));
});
