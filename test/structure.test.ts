import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { test } from "node:test";
import { entities, orchestrations } from "../shared/durable/names.ts";

// The folder says what code may do: import directions, sizes, and the lint rules that keep
// orchestrations deterministic.

const root = join(import.meta.dirname, "..");
// This file quotes imports that must be refused.
const files = globSync("{functions,orchestrations,shared,azure,tools,infra,local,packaging,schemas,test,bench}/**/*.ts", { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path !== "test/structure.test.ts");

interface Import {
  readonly from: string;
  /** A path from the root for our own files, the package's or module's name otherwise. */
  readonly to: string;
  readonly kind: "value" | "type" | "lazy";
}

function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), "utf8");
  const statics = [...text.matchAll(/^(import|export)\s+(type\s+)?[^;]*?from\s+"([^"]+)";/gm)].map(([, , type, to = ""]) => ({
    to,
    kind: type ? ("type" as const) : ("value" as const),
  }));
  const bare = [...text.matchAll(/^import\s+"([^"]+)";/gm)].map(([, to = ""]) => ({ to, kind: "value" as const }));
  const lazy = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, to = ""]) => ({ to, kind: "lazy" as const }));
  return [...statics, ...bare, ...lazy].map(({ to, kind }) => ({
    from: path,
    kind,
    to: to.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), to)) : packageOf(to),
  }));
}
function packageOf(specifier: string): string {
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
const imports = files.flatMap(importsOf);
const isOurs = (to: string) => files.includes(to);
const fromFolder = (folder: string) => imports.filter(({ from }) => from.startsWith(`${folder}/`));
const show = (found: readonly Import[]) => found.map(({ from, to, kind }) => `${from} → ${to} (${kind})`);

test("the reader of imports sees them", () => {
  assert.ok(imports.length > 200);
  assert.ok(imports.some(({ from, to }) => from === "functions/index.ts" && to === "orchestrations/provision-vpn-connection.ts"));
  assert.ok(imports.some(({ kind, to }) => kind === "lazy" && to === "@azure/arm-network"));
});

test("orchestrations import durable-functions, shared/ and each other, not even types of functions/", () => {
  const wrong = fromFolder("orchestrations").filter(({ to }) => to !== "durable-functions" && !/^(orchestrations|shared)\//.test(to));
  assert.deepEqual(show(wrong), []);
});

test("no name of an orchestration, entity or activity is written as a bare string", () => {
  const names = Object.values(orchestrations);
  const activities = [...readFileSync(join(root, "shared/durable/activities.ts"), "utf8").matchAll(/readonly (\w+): Signature/g)].map(
    ([, name = ""]) => name,
  );
  assert.ok(activities.length > 10);
  // The names of entities are words of every day, so only their ids are looked at.
  const ids = `EntityId\\(["'\`](${Object.values(entities).join("|")})`;
  const strings = new RegExp(`["'\`](${[...names, ...activities].join("|")})["'\`]|${ids}`);
  const wrong = files.filter(
    (path) =>
      /^(functions|orchestrations|shared|azure|tools)\//.test(path) &&
      path !== "shared/durable/names.ts" &&
      strings.test(readFileSync(join(root, path), "utf8").replace(/ActivityNamed<"\w+">/g, "")),
  );
  assert.deepEqual(wrong, []);
});

test("files of the product and of local/ import each other in no circle, types included", () => {
  const product = (path: string) => /^(functions|orchestrations|shared|azure|tools|local)\//.test(path);
  const importsOfFile = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (done.has(path) || way.includes(path)) return;
    for (const { to } of importsOfFile.get(path) ?? []) if (product(to)) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of files.filter(product)) visit(path, []);
  assert.deepEqual(circles, []);
});

test("shared/ is pure: it does no I/O and imports nothing of the other folders", () => {
  const pure = ["zod", "jsonc-parser", "ipaddr.js", "node:crypto"];
  const wrong = fromFolder("shared").filter(({ to }) => !to.startsWith("shared/") && !pure.includes(to));
  assert.deepEqual(show(wrong), []);
});

test("azure/ does I/O: it imports shared/, itself and packages", () => {
  const wrong = fromFolder("azure").filter(({ to }) => isOurs(to) && !/^(azure|shared)\//.test(to));
  assert.deepEqual(show(wrong), []);
});

test("each file of shared/ that exports a function, shared/contract/ apart, has a test under the same path", () => {
  const untested = files.filter((path) => {
    if (!path.startsWith("shared/") || path.startsWith("shared/contract/")) return false;
    const hasFunction = /^export function /m.test(readFileSync(join(root, path), "utf8"));
    return hasFunction && !files.includes(`test/${path.replace(/\.ts$/, ".test.ts")}`);
  });
  assert.deepEqual(untested, []);
});

test("the roots of shared/ and functions/ stay small: a new file belongs to a subject", () => {
  const atRoot = (folder: string) => files.filter((path) => posix.dirname(path) === folder);
  assert.ok(atRoot("shared").length <= 8, atRoot("shared").join(", "));
  assert.deepEqual(atRoot("functions"), ["functions/index.ts"]);
});

test("functions/ is the edge: only its index knows an orchestration, and nothing reaches into test/ or local/", () => {
  const wrong = fromFolder("functions").filter(
    ({ from, to }) =>
      (to.startsWith("orchestrations/") && from !== "functions/index.ts") || to.startsWith("local/") || to.startsWith("test/"),
  );
  assert.deepEqual(show(wrong), []);
});

test("tools/ uses shared/ and azure/; of local/ only what finds the running stack", () => {
  const wrong = fromFolder("tools").filter(
    ({ to }) => isOurs(to) && !/^(tools|shared|azure)\//.test(to) && to !== "local/stack/running.ts",
  );
  const known = imports.filter(({ from, to }) => /^(functions|orchestrations|shared|azure)\//.test(from) && to.startsWith("tools/"));
  assert.deepEqual(show([...wrong, ...known]), []);
});

test("local/ uses shared/, the parts of commands in tools/, and nothing else of the product", () => {
  const wrong = fromFolder("local").filter(({ to }) => isOurs(to) && !/^(local|shared|tools)\//.test(to));
  assert.deepEqual(show(wrong), []);
  // The app is found through package.json main: no source of local/ names a file of it.
  for (const path of files.filter((file) => file.startsWith("local/"))) {
    assert.doesNotMatch(readFileSync(join(root, path), "utf8"), /["'`/](functions|orchestrations)\/[a-z-]+\.(ts|js)|dist\/index/, path);
  }
});

test("schemas/ and bench/ use shared/ and tools/, and nothing of the product knows them", () => {
  const wrong = [...fromFolder("schemas"), ...fromFolder("bench")].filter(
    ({ from, to }) =>
      isOurs(to) &&
      !/^(schemas|bench|shared|tools)\//.test(to) &&
      // Benchmarks measure the local stack too, and need what tests of it need.
      !(from.startsWith("bench/") && (/^(local|test\/support)\//.test(to) || to === "orchestrations/poll-interval.ts")),
  );
  const known = imports.filter(
    ({ from, to }) => /^(functions|orchestrations|shared|azure|tools|local)\//.test(from) && /^(schemas|bench)\//.test(to),
  );
  assert.deepEqual(show([...wrong, ...known]), []);
});

test("infra/ uses what downloads and runs programs, and nothing of the product or local/ knows it", () => {
  const wrong = fromFolder("infra").filter(
    ({ to }) => isOurs(to) && !/^infra\/|^local\/first-use\.ts$|^tools\/(command-line|doc-tables)\.ts$/.test(to),
  );
  const known = imports.filter(({ from, to }) => !/^(infra|test)\//.test(from) && to.startsWith("infra/"));
  assert.deepEqual(show([...wrong, ...known]), []);
});

test("packaging/ makes the files of a release from what is built: it uses the parts of commands, and nothing of the product knows it", () => {
  const wrong = fromFolder("packaging").filter(({ to }) => isOurs(to) && !/^packaging\/|^tools\/command-line\.ts$/.test(to));
  const known = imports.filter(({ from, to }) => !/^(packaging|test)\//.test(from) && to.startsWith("packaging/"));
  assert.deepEqual(show([...wrong, ...known]), []);
});

test("the judge of chaos knows nothing of the product: what checker.ts leads to is its own folder and Node", () => {
  const reached = new Set(["test/chaos/checker.ts"]);
  for (const file of reached) for (const { from, to } of imports) if (from === file && isOurs(to)) reached.add(to);
  assert.ok(reached.size > 5);
  const wrong = imports.filter(({ from, to }) => reached.has(from) && !to.startsWith("test/chaos/") && !to.startsWith("node:"));
  assert.deepEqual(show(wrong), []);
});

test("the Azure SDKs are loaded when they are first used, not when the app starts", () => {
  const sdks = ["@azure/arm-network", "@azure/core-rest-pipeline", "@azure/identity", "@azure/keyvault-secrets", "@azure/service-bus"];
  const wrong = imports.filter(
    ({ from, to, kind }) => /^(functions|orchestrations|shared|azure)\//.test(from) && sdks.includes(to) && kind === "value",
  );
  assert.deepEqual(show(wrong), []);
});

test("every package that is imported is a dependency, and every dependency is used and explained", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const external = new Set(imports.filter(({ to }) => !isOurs(to) && !to.startsWith("node:")).map(({ to }) => to));
  const declared = Object.keys({ ...dependencies, ...devDependencies });
  assert.deepEqual(
    [...external].filter((name) => !declared.includes(name)),
    [],
  );
  for (const name of declared) assert.ok(contributing.includes(`\`${name}\``), `CONTRIBUTING.md does not say why ${name} is there`);
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test("one idea a file: no file above 200 lines, none of local/ above 250; generated ones and tests aside", () => {
  const tooLong = files
    .filter((path) => !path.startsWith("test/") && !path.endsWith(".d.ts"))
    .map((path) => ({ path, lines: readFileSync(join(root, path), "utf8").split("\n").length - 1 }))
    .filter(({ path, lines }) => lines > (path.startsWith("local/") ? 250 : 200));
  assert.deepEqual(tooLong, []);
});

/**
 * Lints one file as if it stood in orchestrations/, with the project's own configuration; answers
 * the names of the rules that spoke.
 */
function lintedAsOrchestration(source: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), "lint-"));
  try {
    const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
    writeFileSync(join(directory, "biome.json"), JSON.stringify({ ...config, vcs: { enabled: false } }));
    const plugin = "orchestrations/deterministic.grit";
    mkdirSync(join(directory, dirname(plugin)));
    cpSync(join(root, plugin), join(directory, plugin));
    writeFileSync(join(directory, "orchestrations", "probe.ts"), source);
    const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
    const args = [biome, "lint", "--reporter=json", "--log-level=none", "orchestrations/probe.ts"];
    let said: string;
    try {
      said = execFileSync(process.execPath, args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } catch (error) {
      said = (error as { stdout: string }).stdout;
    }
    return (JSON.parse(said) as { diagnostics: { category: string }[] }).diagnostics.map(({ category }) => category);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const refused: readonly (readonly [source: string, rule: string])[] = [
  ['import { readFileSync } from "node:fs";\nexport const used = readFileSync;', "lint/style/noRestrictedImports"],
  ['import * as z from "zod";\nexport const used = z;', "lint/style/noRestrictedImports"],
  ['import { appCredential } from "../azure/credential.ts";\nexport const used = appCredential;', "lint/style/noRestrictedImports"],
  ['import { startStack } from "../local/stack/index.ts";\nexport const used = startStack;', "lint/style/noRestrictedImports"],
  ['export const used = await import("node:fs");', "lint/style/noRestrictedImports"],
  ["export const used = Date.now();", "plugin"],
  ["export const used = new Date();", "plugin"],
  ["export const used = Math.random();", "plugin"],
  ["export const used = process.env;", "lint/style/noRestrictedGlobals"],
  ['export const used = fetch("https://x");', "lint/style/noRestrictedGlobals"],
  ["export const used = setTimeout(() => {}, 1);", "lint/style/noRestrictedGlobals"],
];
for (const [source, rule] of refused) {
  test(`lint refuses in orchestrations/: ${source.split("\n")[0]}`, () => assert.deepEqual(lintedAsOrchestration(`${source}\n`), [rule]));
}

test("lint takes what an orchestration needs", () => {
  const source = `import { RetryOptions } from "durable-functions";
import type { Activities } from "../shared/durable/activities.ts";
import { requestType } from "../shared/contract/request.ts";
import { jitterOf } from "../orchestrations/jitter.ts";
import { now } from "./durable.ts";
export type Used = Activities;
export const used = [RetryOptions, requestType, jitterOf, now, new Date(0)];
`;
  assert.deepEqual(lintedAsOrchestration(source), []);
});

test("each file of functions/, orchestrations/, shared/ and azure/ begins its exports with a sentence", () => {
  const silent = files
    .filter((path) => /^(functions|orchestrations|shared|azure)\//.test(path))
    .flatMap((path) => {
      const lines = readFileSync(join(root, path), "utf8").split("\n");
      return lines.flatMap((line, index) =>
        /^export (async )?function\*? /.test(line) && !/\*\/$/.test(lines[index - 1] ?? "") ? [`${relative(".", path)}:${index + 1}`] : [],
      );
    });
  assert.deepEqual(silent, []);
});
