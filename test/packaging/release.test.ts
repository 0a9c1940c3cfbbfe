import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, globSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import { build } from "esbuild";
import { strFromU8, unzipSync } from "fflate";

// `npm run release` in two copies of the project. The copies are no git repositories, and their
// paths have different lengths.

const root = join(import.meta.dirname, "..", "..");
const area = mkdtempSync(join(tmpdir(), "release-test-"));
after(() => rmSync(area, { recursive: true }));
const folders = [join(area, "one"), join(area, "another", "place")] as const;
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const zipName = `app-${version}.zip`;
const sources = [
  "functions",
  "orchestrations",
  "shared",
  "azure",
  "tools",
  "packaging",
  "test/histories",
  "build.ts",
  "host.json",
  "tsconfig.json",
];

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { license?: { id: string }; expression?: string }[];
  readonly hashes: readonly { alg: string; content: string }[];
}
let files: Readonly<Record<string, Buffer>>;
let entries: Readonly<Record<string, Uint8Array>>;
let components: readonly Component[];

before(async () => {
  for (const folder of folders) {
    for (const path of [...sources, "package.json", "package-lock.json"]) cpSync(join(root, path), join(folder, path), { recursive: true });
    linkPackages(folder);
    await release(folder);
  }
  files = filesOf(folders[0]);
  entries = unzipSync(files[zipName] ?? Buffer.alloc(0));
  ({ components } = JSON.parse(String(files["sbom.cdx.json"])));
});

/** Makes node_modules by hard links: a symbolic link would lead to the same folder in both. */
function linkPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { dev?: true }> };
  const needed = Object.keys(packages).filter(
    (path) => path !== "" && (!packages[path]?.dev || /\/(esbuild|@esbuild\/[\w-]+|commander|fflate)$/.test(path)) && !/\/node-/.test(path),
  );
  for (const path of globSync(
    needed.map((name) => `${name}/**`),
    { cwd: root, withFileTypes: true },
  )) {
    if (!path.isFile()) continue;
    const from = join(path.parentPath, path.name);
    const to = join(folder, from.slice(root.length));
    mkdirSync(dirname(to), { recursive: true });
    try {
      linkSync(from, to);
    } catch {
      copyFileSync(from, to);
    }
  }
}

async function release(folder: string, ...options: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [join(folder, "packaging", "release.ts"), ...options], { cwd: folder });
}

function filesOf(folder: string): Record<string, Buffer> {
  const paths = globSync("*", { cwd: join(folder, "release") }).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, "release", path))]));
}

test("two folders: every file has the same bytes", () => {
  assert.deepEqual(Object.keys(files), ["SHA256SUMS", zipName, "build-info.json", "licences.txt", "sbom.cdx.json"].sort());
  assert.deepEqual(filesOf(folders[1]), files);
});

test("SHA256SUMS has every other file, and the sums are right", () => {
  const sums = String(files["SHA256SUMS"]).trim().split("\n");
  assert.deepEqual(
    sums,
    Object.entries(files)
      .filter(([name]) => name !== "SHA256SUMS")
      .map(([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}`),
  );
});

test("the zip has host.json at its root, scripts and package.json, and nothing else", () => {
  const names = Object.keys(entries);
  assert.deepEqual(names, names.toSorted());
  assert.deepEqual(
    names.filter((name) => !/^(chunks\/)?[\w-]+\.js$/.test(name)),
    ["host.json", "package.json"],
  );
  assert.equal(strFromU8(entries["host.json"] ?? new Uint8Array()), readFileSync(join(root, "host.json"), "utf8"));
  for (const [name, content] of Object.entries(entries)) assert.ok(!strFromU8(content).includes(area), name);
});

test("with --maps each script has its map", async () => {
  await release(folders[1], "--maps");
  const names = Object.keys(unzipSync(filesOf(folders[1])[zipName] ?? Buffer.alloc(0)));
  const scripts = names.filter((name) => name.endsWith(".js"));
  assert.deepEqual(names.filter((name) => name.endsWith(".map")).sort(), scripts.map((name) => `${name}.map`).sort());
});

test("the app loads from the unzipped release, in a folder without packages", async () => {
  const folder = join(area, "unzipped");
  for (const [name, content] of Object.entries(entries)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const program = `
    import { loadApp } from ${JSON.stringify(pathToFileURL(join(root, "local/functions-host/app/load-app.ts")).href)};
    console.log(JSON.stringify((await loadApp(${JSON.stringify(folder)})).functions.map(({ name }) => name)));
    process.exit();
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      ServiceBus: "Endpoint=sb://unused/;SharedAccessKeyName=n;SharedAccessKey=k",
      SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 1).toString("base64") }),
    },
  });
  assert.equal(status, 0, stderr);
  const functions = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[];
  for (const name of ["receiveRequest", "provisionVpnConnection", "putConnection", "gateway"]) assert.ok(functions.includes(name), stdout);
});

test("the components are the packages that esbuild takes into such a bundle", async () => {
  // A plain bundle of the same entry, without the plugin and the splitting of build.ts.
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["functions/index.ts"],
    outfile: "unused.js",
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    external: ["@azure/functions-core"],
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const require = createRequire(join(root, "package.json"));
  const packages = new Set<string>();
  const [output] = Object.values(metafile.outputs);
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (folder === undefined || bytesInOutput === 0) continue;
    const { name, version } = require(join(root, folder, "package.json"));
    packages.add(`${name}@${version}`);
  }
  assert.ok(packages.size > 90);
  const named = components.map(({ group, name, version }) => `${group === undefined ? "" : `${group}/`}${name}@${version}`);
  assert.deepEqual(named, [...packages].sort());
});

test("every component has a licence, a purl, and the hash of the lock file", () => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  for (const { name, version, licenses, purl, hashes } of components) {
    assert.equal(licenses.length, 1, name);
    assert.ok(licenses[0]?.license?.id ?? licenses[0]?.expression, name);
    assert.match(purl, /^pkg:npm\/(%40[\w-]+\/)?[\w.-]+@[\d.]+$/);
    assert.ok(purl.endsWith(`/${name}@${version}`));
    assert.deepEqual(
      hashes.map(({ alg }) => alg),
      ["SHA-512"],
    );
    assert.ok(lock.includes(`sha512-${Buffer.from(hashes[0]?.content ?? "", "hex").toString("base64")}`), name);
  }
});

test("the bill of materials is CycloneDX 1.5", () => {
  const schemas = join(root, "node_modules", "@cyclonedx", "cyclonedx-library", "res", "schema");
  const schema = (name: string) => JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), "utf8"));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ["spdx", "jsf-0.82"]) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const check = ajv.compile(schema("bom-1.5"));
  const bill: object = JSON.parse(String(files["sbom.cdx.json"]));
  assert.ok(check(bill), JSON.stringify(check.errors));
  assert.ok(!check({ ...bill, components: [{ type: "library" }] }), "a component without a name is refused");
});

test("licences.txt has a text of every component", () => {
  const sections = String(files["licences.txt"])
    .split(/^=+\n(.+)\n.+\n=+\n/m)
    .slice(1);
  const texts = new Map<string, string>();
  for (let index = 0; index < sections.length; index += 2) texts.set(String(sections[index]), String(sections[index + 1]));
  for (const { group, name, version } of components) {
    const text = texts.get(`${group === undefined ? "" : `${group}/`}${name} ${version}`) ?? "";
    assert.match(text, /permission|licen[cs]e|redistribution/i, name);
    // No shipped package lacks it. A new one that does needs a look by a person.
    assert.doesNotMatch(text, /The package has no licence text/, name);
  }
});

test("build-info.json names the sources, and the histories that the build replays", () => {
  const info = JSON.parse(String(files["build-info.json"]));
  assert.deepEqual([info.version, info.commit, info.dirty], [version, null, false]);
  assert.equal(
    info.lock,
    createHash("sha256")
      .update(readFileSync(join(root, "package-lock.json")))
      .digest("hex"),
  );
  assert.equal(info.node, process.versions.node);
  assert.equal(
    Object.values(info.orchestrations).flat().length,
    globSync("[0-9]*/*.json", { cwd: join(root, "test", "histories") }).length,
  );
  assert.ok(info.orchestrations.provisionVpnConnection.includes("0.1.0/created.0d8bbdb2e6b5.json"));
  assert.equal(
    info.files[zipName],
    createHash("sha256")
      .update(files[zipName] ?? "")
      .digest("hex"),
  );
});
