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

/** A script's map names what went into it. */
const sourcesOf = (path: string) => (JSON.parse(read(`${path}.map`)) as { sources: string[] }).sources;

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

test("the SDKs are in scripts of their own, which are not loaded at the start", () => {
  const start = loadedAtStart();
  for (const name of [
    "@opentelemetry/sdk-trace",
    "@opentelemetry/exporter-trace-otlp-http",
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

for (const receiver of ["", "http://127.0.0.1:9"]) {
  const traced = receiver === "" ? "" : ", also with a receiver of traces";
  test(`what is evaluated when the app starts: its own script, and nothing of an SDK before it is used${traced}`, () =>
    checkStart(receiver));
}

function checkStart(receiver: string): void {
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
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
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
}

/**
 * Handles one message in a new process. Returns the scripts that were loaded, and the ports that
 * were connected to.
 */
function handleMessage(settings: Readonly<Record<string, string>>): { scripts: string[]; connected: number[]; hub: number } {
  const program = `
    import { registerHooks } from "node:module";
    import net from "node:net";
    const scripts = [];
    const connected = [];
    registerHooks({ load: (url, context, next) => (scripts.push(url), next(url, context)) });
    const { connect } = net.Socket.prototype;
    net.Socket.prototype.connect = function (...args) {
      connected.push([args].flat(2)[0]?.port);
      return connect.apply(this, args);
    };
    let hub;
    const { listen } = net.Server.prototype;
    net.Server.prototype.listen = function (...args) {
      return listen.apply(this, args).once("listening", () => (hub = this.address().port));
    };
    process.once("exit", () => console.log(JSON.stringify({ scripts, connected, hub })));
    process.argv = ["node", "first-message", "message", ${JSON.stringify(join(dist, ".."))}];
    await import(${JSON.stringify(pathToFileURL(join(dist, "..", "bench", "first-message.ts")).href)});
  `;
  const env = {
    PATH: process.env["PATH"],
    ServiceBus: "Endpoint=sb://unused/;SharedAccessKeyName=n;SharedAccessKey=k",
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 1).toString("base64") }),
    ...settings,
  };
  const said = execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(said.trim().split("\n").at(-1) ?? "");
}

test("without a receiver of traces, a message loads nothing of OpenTelemetry's SDK and opens no socket for it", () => {
  const { scripts, connected, hub } = handleMessage({});
  const ofApp = scripts
    .filter((url) => url.startsWith("file:"))
    .map((url) => relative(dist, fileURLToPath(url)))
    .filter((path) => !path.startsWith(".."));
  assert.ok(ofApp.includes("index.js"));
  assert.deepEqual(
    ofApp.flatMap(sourcesOf).filter((source) => /@opentelemetry\/(?!api\/)/.test(source)),
    [],
  );
  assert.deepEqual([...new Set(connected.map(Number))], [hub]);
});
