import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

// dist/ is what is deployed: `npm test` has just built it.

const dist = join(import.meta.dirname, "..", "dist");
const read = (path: string) => readFileSync(join(dist, path), "utf8");
const files = globSync("**/*.*", { cwd: dist }).map((path) => path.replaceAll("\\", "/"));
const staticImports = (path: string) =>
  [...read(path).matchAll(/^(?:import|export)\b[^;"]*?(?:from )?"([^"]+)";$/gm)].map(([, to = ""]) => to);

/** The scripts that are loaded when the app starts. */
function loadedAtStart(): string[] {
  const seen = new Set<string>();
  const follow = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const to of staticImports(path)) if (to.startsWith(".")) follow(join(dirname(path), to).replaceAll("\\", "/"));
  };
  follow("index.js");
  return [...seen];
}

test("it holds the app, its host.json and package.json, a source map for every script, and nothing else", () => {
  const scripts = files.filter((path) => path.endsWith(".js"));
  const maps = scripts.map((path) => `${path}.map`);
  assert.deepEqual(files.toSorted(), [...scripts, ...maps, "host.json", "package.json"].toSorted());
  assert.ok(!existsSync(join(dist, "node_modules")));
  assert.equal(read("host.json"), readFileSync(join(dist, "..", "host.json"), "utf8"));
  const shipped = JSON.parse(read("package.json"));
  assert.deepEqual([shipped.type, shipped.main, shipped.dependencies], ["module", "index.js", undefined]);
});

test("it needs nothing but Node and what the Functions host provides", () => {
  for (const path of files.filter((name) => name.endsWith(".js"))) {
    for (const to of staticImports(path)) {
      assert.ok(to.startsWith(".") || to.startsWith("node:") || builtinModules.includes(to), `${path} imports ${to}`);
    }
    const required = [...read(path).matchAll(/\brequire\("(@[^"]+)"\)/g)].map(([, to]) => to);
    assert.deepEqual(
      [...new Set(required)].filter((to) => to !== "@azure/functions-core"),
      [],
      path,
    );
  }
  assert.match(read("index.js") + loadedAtStart().map(read).join(""), /require\("@azure\/functions-core"\)/);
});

test("the Azure SDKs are in scripts of their own, which are not loaded at the start", () => {
  const start = loadedAtStart();
  // A script's map names what went into it.
  const sourcesOf = (path: string) => (JSON.parse(read(`${path}.map`)) as { sources: string[] }).sources;
  for (const name of [
    "@azure/arm-network",
    "@azure/service-bus",
    "@azure/identity",
    "@azure/keyvault-secrets",
    "@azure/core-rest-pipeline",
  ]) {
    const holding = files.filter(
      (path) => path.endsWith(".js") && sourcesOf(path).some((source) => source.includes(`node_modules/${name}/`)),
    );
    assert.ok(holding.length > 0, `${name} is shipped`);
    assert.deepEqual(
      holding.filter((path) => start.includes(path)),
      [],
      `${name} is not loaded at the start`,
    );
  }
  const bytes = (paths: readonly string[]) => paths.reduce((sum, path) => sum + statSync(join(dist, path)).size, 0);
  assert.ok(bytes(start) < bytes(files.filter((path) => path.endsWith(".js"))) / 2, `${bytes(start)} bytes are loaded at the start`);
});
