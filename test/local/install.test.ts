import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

// What the launcher installs, with an npm that only notes its calls: no network is needed.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "vpn-install-"));
after(() => rmSync(directory, { recursive: true, force: true }));
let projects = 0;

const entry = (version: string, more: object = {}) => ({ version, integrity: `sha512-${version}`, ...more });
const elsewhere = { optional: true, os: [process.platform === "win32" ? "linux" : "win32"] };
type Packages = Record<string, object>;
const packages: Packages = {
  "node_modules/needed": entry("1.0.0"),
  "node_modules/commander": entry("1.0.0", { dev: true }),
  "node_modules/fast": entry("1.0.0", { optional: true }),
  "node_modules/foreign": entry("1.0.0", elsewhere),
};
const lockOf = (of: Packages) => JSON.stringify({ lockfileVersion: 3, packages: { "": { name: "project" }, ...of } });
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(packages).filter(([path]) => !names.includes(path.replace("node_modules/", ""))));

/**
 * Makes a project with the launcher, a script to start, and its own npm; `installed` is what
 * node_modules holds.
 */
function project({ installed, npm = "exit 0" }: { installed?: Packages; npm?: string } = {}) {
  const path = join(directory, String(projects++));
  mkdirSync(join(path, "local"), { recursive: true });
  mkdirSync(join(path, "bin"));
  for (const file of ["node.js", "install.js"]) cpSync(join(root, "local", file), join(path, "local", file));
  writeFileSync(join(path, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  writeFileSync(join(path, "package-lock.json"), lockOf(packages));
  writeFileSync(join(path, "script.js"), `console.log("ran", ...process.argv.slice(2));`);
  const place = (of: Packages) => {
    rmSync(join(path, "node_modules"), { recursive: true, force: true });
    mkdirSync(join(path, "node_modules"));
    for (const name of Object.keys(of)) mkdirSync(join(path, name));
    writeFileSync(join(path, "node_modules", ".package-lock.json"), lockOf(of));
  };
  if (installed) place(installed);
  // A real npm removes node_modules first, and writes its lock file last.
  const installs = `rm -rf node_modules; mkdir -p node_modules/commander; sleep 0.3; cp package-lock.json node_modules/.package-lock.json`;
  writeFileSync(join(path, "bin", "npm"), `#!/bin/sh\necho "$@" >> calls\n${npm === "exit 0" ? installs : ""}\n${npm}\n`);
  chmodSync(join(path, "bin", "npm"), 0o755);
  return {
    path,
    place,
    calls: () => (existsSync(join(path, "calls")) ? readFileSync(join(path, "calls"), "utf8").trim().split("\n") : []),
    async start(...args: string[]) {
      const child = spawn(process.execPath, [join(path, "local", "node.js"), join(path, "script.js"), ...args], {
        cwd: directory,
        env: { PATH: `${join(path, "bin")}:${process.env["PATH"]}` },
      });
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk));
      const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { status, out, err };
    },
  };
}

const skip = process.platform === "win32" ? "the npm of this test is a shell script" : false;

test("a fresh clone: the dependencies are installed, a line says so, and the command runs", { skip }, async () => {
  const fresh = project();
  assert.deepEqual(await fresh.start("x"), { status: 0, out: "ran x\n", err: "Installing dependencies (npm ci) …\n" });
  assert.deepEqual(await fresh.start("y"), { status: 0, out: "ran y\n", err: "" });
  assert.equal(fresh.calls().length, 1);
  assert.match(fresh.calls()[0] ?? "", /^ci /);
});

test("two commands at once on a fresh clone: one installs, the other one waits", { skip }, async () => {
  const fresh = project();
  const ended = await Promise.all([fresh.start(), fresh.start(), fresh.start()]);
  assert.deepEqual(
    ended.map(({ status }) => status),
    [0, 0, 0],
  );
  assert.equal(fresh.calls().length, 1);
  assert.equal(ended.filter(({ err }) => err.includes("Another command is installing")).length, 2);
});

test("an install that was killed holds nobody up", { skip }, async () => {
  const fresh = project();
  const ended = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => ended.once("exit", resolve));
  writeFileSync(join(fresh.path, ".npm-ci.lock"), String(ended.pid));
  assert.equal((await fresh.start()).status, 0);
  assert.equal(fresh.calls().length, 1);
});

const installs: readonly (readonly [name: string, installed: Packages, isEnough: boolean])[] = [
  ["everything for this platform", without("foreign"), true],
  ["npm ci --omit=optional", without("foreign", "fast"), true],
  ["a needed package is missing", without("foreign", "needed"), false],
  ["another version", { ...without("foreign"), "node_modules/needed": entry("0.9.0") }, false],
  ["a package that the lock file does not have any more", { ...without("foreign"), "node_modules/old": entry("1.0.0") }, false],
];
for (const [name, installed, isEnough] of installs) {
  test(`installed by hand, ${name}: ${isEnough ? "nothing is installed again" : "it is installed again"}`, { skip }, async () => {
    const there = project({ installed });
    assert.equal((await there.start()).status, 0);
    assert.equal(there.calls().length, isEnough ? 0 : 1);
  });
}

test("npm ci --omit=dev: nothing is installed against that, and a sentence says what is missing", { skip }, async () => {
  const there = project({ installed: without("foreign", "commander") });
  const { status, err } = await there.start();
  assert.equal(status, 2);
  assert.equal(err, "The development packages are not installed, and every command needs them. Run npm ci --include=dev.\n");
  assert.deepEqual(there.calls(), []);
});

test("a lock file that has a new development package since: it is installed again", { skip }, async () => {
  const there = project({ installed: without("foreign") });
  await there.start();
  writeFileSync(join(there.path, "package-lock.json"), lockOf({ ...packages, "node_modules/new-tool": entry("1.0.0", { dev: true }) }));
  assert.equal((await there.start()).status, 0);
  assert.equal(there.calls().length, 1);
});

const failures: readonly (readonly [name: string, npm: string, says: RegExp])[] = [
  [
    "no network",
    `for i in 1 2 3 4 5; do echo "npm error code ENOTFOUND" >&2; echo "npm error network request to https://registry.invalid failed" >&2; done; exit 1`,
    /^The dependencies could not be installed: npm cannot reach its registry \(ENOTFOUND\)\. Check the network or the proxy, then run the command again\.$/,
  ],
  [
    "a lock file that does not fit",
    `printf 'npm error code EUSAGE\\nnpm error\\nnpm error package.json and package-lock.json are not in sync\\nnpm error more\\n' >&2; exit 1`,
    /^The dependencies could not be installed: package\.json and package-lock\.json are not in sync\. Run npm ci to see all of it\.$/,
  ],
  [
    "an npm that says nothing",
    "exit 7",
    /^The dependencies could not be installed: npm ci ended with exit code 7\. Run npm ci to see all of it\.$/,
  ],
];
for (const [name, npm, says] of failures) {
  test(`${name}: one sentence, exit code 2, and the next command tries again`, { skip }, async () => {
    const fresh = project({ npm });
    for (const times of [1, 2]) {
      const { status, out, err } = await fresh.start();
      assert.deepEqual([status, out, fresh.calls().length], [2, "", times]);
      const [line = "", sentence = "", ...more] = err.trimEnd().split("\n");
      assert.equal(line, "Installing dependencies (npm ci) …");
      assert.match(sentence, says);
      assert.deepEqual(more, []);
    }
  });
}
