import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

// The files that GitHub and editors read. No YAML parser is a dependency, so lines are looked at.

const root = join(import.meta.dirname, "..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const scripts = (JSON.parse(textOf("package.json")) as { scripts: Record<string, string> }).scripts;
const workflows = globSync(".github/workflows/*.yml", { cwd: root });

test("every action of a workflow is pinned by its commit, with the version beside it", () => {
  assert.ok(workflows.length > 0);
  for (const path of workflows) {
    const used = [...textOf(path).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => action);
    assert.ok(used.length > 0, path);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, path);
  }
});

test("one action has one commit everywhere", () => {
  const used = workflows.flatMap((path) => [...textOf(path).matchAll(/uses: (\S+)@(.+)$/gm)]);
  const pins = new Map<string, Set<string>>();
  for (const [, action = "", pin = ""] of used) pins.set(action, new Set([...(pins.get(action) ?? []), pin]));
  for (const [action, found] of pins) assert.equal(found.size, 1, action);
});

test("what a workflow runs exists: scripts of package.json, files of the repository", () => {
  for (const path of workflows) {
    const commands = [...textOf(path).matchAll(/^\s*(?:- )?run: (.+)$/gm)].map(([, command = ""]) => command).filter((it) => it !== "|");
    assert.ok(commands.length > 0, path);
    for (const command of commands) {
      const [, script, file] = /^npm run ([a-z:]+)$|^(\.ci\/\w+)$/.exec(command) ?? [];
      if (script) assert.ok(scripts[script], `${path}: package.json has no script ${script}`);
      else if (file) assert.ok(existsSync(join(root, file)), `${path}: ${file} is not there`);
      else assert.equal(command, "npm ci", path);
    }
  }
});

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
  for (const path of workflows) assert.match(textOf(path), new RegExp(`node: \\[20, ${version}\\]`), path);
});
