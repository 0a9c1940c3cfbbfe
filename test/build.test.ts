import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// dist/ is what is deployed: `npm test` has just built it.

const dist = join(import.meta.dirname, "..", "dist");
const read = (path: string) => readFileSync(join(dist, path), "utf8");
const files = globSync("**/*.*", { cwd: dist }).map((path) => path.replaceAll("\\", "/"));
const staticImports = (path: string) =>
  [...read(path).matchAll(/(?:^|;)(?:import|export)\b[^;"()]*?"([^"]+)"(?=;)/gm)].map(([, to = ""]) => to);

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

test("the reader of imports sees them", () => assert.ok(staticImports("index.js").length > 1 && loadedAtStart().length > 1));

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

test("what is evaluated when the app starts: its own script, and nothing of an SDK before it is used", () => {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(pathToFileURL(join(dist, "index.js")).href)});
    console.log(JSON.stringify(loaded));
  `;
  const env = {
    PATH: process.env["PATH"],
    ServiceBus: "Endpoint=sb://unused/;SharedAccessKeyName=n;SharedAccessKey=k",
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 1).toString("base64") }),
  };
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const loaded = (JSON.parse(said.trim().split("\n").at(-1) ?? "[]") as string[]).filter((url) => url.startsWith("file:"));
  const scripts = loaded.map((url) => relative(dist, fileURLToPath(url)));
  assert.ok(scripts.includes("index.js"));
  assert.deepEqual([...scripts].sort(), loadedAtStart().toSorted());
});
