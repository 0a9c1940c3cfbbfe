import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cacheFolder, prepareOnce } from "../../local/first-use.ts";

// What is prepared on first use, and what a machine without .NET is told. Nothing here needs .NET.

const root = join(import.meta.dirname, "..", "..");
const name = `first-use-test-${process.pid}`;
const directory = mkdtempSync(join(tmpdir(), "first-use-"));
const input = join(directory, "input");
after(() => {
  for (const folder of [directory, cacheFolder(name)]) rmSync(folder, { recursive: true, force: true });
});

test("of many that want it at once one does the work; it is done again when an input has changed, or when it failed", async () => {
  let done = 0;
  const work = async () => void done++;
  const prepareByMany = () => Promise.all([1, 2, 3].map(() => prepareOnce(name, [input], work)));
  writeFileSync(input, "one");
  await prepareByMany();
  assert.equal(done, 1);
  await prepareByMany();
  assert.equal(done, 1);
  writeFileSync(input, "two");
  await assert.rejects(
    prepareOnce(name, [input], () => Promise.reject(new Error("no network"))),
    /no network/,
  );
  await prepareByMany();
  assert.equal(done, 2);
});

const command = (script: string, ...args: string[]) => {
  const env = { ...process.env, PATH: directory };
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, script), ...args], {
    env,
    cwd: root,
    encoding: "utf8",
  });
  return { status, stderr, stdout };
};

for (const [script, ...args] of [["local/dev.ts", "--data-dir", join(directory, "data")], ["local/start.ts"]] as [string, ...string[]][]) {
  test(`without the .NET 10 SDK: ${script} --engine extension says so in one sentence, and ends with 2`, () => {
    const { status, stderr } = command(script, ...args, "--engine", "extension");
    assert.equal(status, 2);
    assert.match(stderr, /^The Durable Task extension needs the \.NET 10 SDK, and this machine has none: .*\n$/);
  });
}

test("the extension runs in real time only", () => {
  const { status, stderr } = command("local/dev.ts", "--engine", "extension", "--speed", "5");
  assert.equal(status, 2);
  assert.match(stderr, /^--speed cannot be combined with --engine extension: .* real time\.\n$/);
});

test("only our own engine can be made rough", () => {
  for (const script of ["local/dev.ts", "local/start.ts"]) {
    const { status, stderr } = command(script, "--engine", "extension", "--rough", "5");
    assert.equal(status, 2);
    assert.match(stderr, /^--rough cannot be combined with --engine extension: only our own engine can be made rough\.\n$/);
  }
});

for (const [engine, left] of [
  ["extension", "durable.sqlite"],
  ["sqlite", "azurite"],
] as const) {
  test(`--engine ${engine} does not run on a data directory of the other engine`, () => {
    const data = join(directory, `of-${left}`);
    mkdirSync(join(data, left), { recursive: true });
    const { status, stderr } = command("local/dev.ts", "--engine", engine, "--data-dir", data);
    assert.equal(status, 2);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.match(stderr, /^\S+ holds requests of .*; choose another --data-dir\.\n$/);
  });
}

test("an engine that there is not", () => {
  const { status, stderr } = command("local/start.ts", "--engine", "other");
  assert.deepEqual(
    [status, stderr],
    [2, "Option '--engine <name>' argument 'other' is invalid. Allowed choices are sqlite, extension. See `npm start -- --help`.\n"],
  );
});

test("test:extension says in one sentence that it was skipped", () => {
  const { status, stdout } = command("test/extension/run.ts");
  assert.equal(status, 0);
  assert.match(stdout, /^Skipped\. The Durable Task extension needs the \.NET 10 SDK.*\n$/);
});
