import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sampleEvent } from "../support/sample.ts";

// `npm run validate`, without npm in between: offline, many files at once.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "validate-"));
after(() => rmSync(directory, { recursive: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "local", "validate.ts"), ...args], {
    encoding: "utf8",
    cwd: directory,
  });
  return { status, stdout, stderr };
}
function file(name: string, content: unknown): string {
  writeFileSync(join(directory, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}
const resourceId = "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1/vpnConnections/vpnConnection1";
const good = file("good.json", sampleEvent());
const misspelled = file(
  "misspelled.json",
  sampleEvent((event) => Object.assign(event.data.connection.properties, { enableBpg: true })),
);
const body = file("body.json", sampleEvent().data.connection);

test("one JSON line a file, and exit code 1 when any has an error", () => {
  const junk = file("junk.json", "{ junk");
  const tomorrow = file(
    "v2.json",
    sampleEvent((event) => Object.assign(event, { type: "vpn-connection.provision.requested.v2" })),
  );
  const { status, stdout } = run("--json", good, misspelled, junk, tomorrow);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(status, 1);
  assert.deepEqual(
    lines.map((line) => [line.file, line.errors.map(({ code }: { code: string }) => code)]),
    [
      [good, []],
      [misspelled, ["UnknownField"]],
      [junk, ["UnreadableMessage"]],
      [tomorrow, ["UnsupportedVersion"]],
    ],
  );
  assert.ok(lines[0].warnings.length >= 3);
  assert.match(lines[1].errors[0].message, /Did you mean "enableBgp"\?/);
});

test("a table for people; warnings alone are exit code 0; keys are never shown", () => {
  const { status, stdout } = run(good);
  assert.equal(status, 0);
  assert.match(stdout, /^good\.json:\n {2}warning {2}CustomAssociatedRouteTable .*https:\/\//);
  assert.match(stdout, /SharedKeyShort .*fewer than 8 characters/);
  assert.ok(!stdout.includes('"key"'));
});

test("a REST body alone, with the id it is for", () => {
  assert.equal(run("--body", "--target", resourceId, body).status, 0);
  assert.equal(run("--body", "--target", resourceId, file("bad-body.json", { properties: {} })).status, 1);
  assert.equal(run("--body", "--target", resourceId, file("junk-body.json", "{")).status, 1);
});

for (const [name, args, says] of [
  ["no file", [], /Which requests\?/],
  ["a body without a target", ["--body", body], /--target \/subscriptions/],
  ["a file that is not there", ["nothing.json"], /nothing\.json/],
  ["an unknown option", ["--jsno", good], /--jsno/],
] as const) {
  test(`${name}: a sentence and exit code 2`, () => {
    const { status, stderr } = run(...args);
    assert.equal(status, 2);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
}

test("a file that is not there is named, and the others are judged", () => {
  const { status, stdout, stderr } = run("--json", "missing.json", misspelled, good);
  assert.equal(status, 2);
  assert.match(stderr, /missing\.json.*ENOENT/);
  assert.equal(stdout.trim().split("\n").length, 2);
});
