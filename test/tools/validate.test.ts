import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cancellationOf } from "../support/requester.ts";
import { sampleEvent } from "../support/sample.ts";

// `npm run validate`, without npm in between: offline, many files at once.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "validate-"));
after(() => rmSync(directory, { recursive: true }));

function run(...given: (string | { input: string })[]) {
  const [{ input }] = [...given.filter((each) => typeof each === "object"), { input: "" }];
  const args = given.filter((each) => typeof each === "string");
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "tools", "validate.ts"), ...args], {
    ...{ encoding: "utf8", cwd: directory, input, env: { ...process.env, COLUMNS: "" } },
  });
  return { status, stdout, stderr };
}
const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
function file(name: string, content: unknown): string {
  writeFileSync(join(directory, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}
const resourceId = "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1/vpnConnections/vpnConnection1";
const good = file("good.json", sampleEvent());
const misspelledEvent = sampleEvent((event) => Object.assign(event.data.connection.properties, { enableBpg: true }));
const misspelled = file("misspelled.json", misspelledEvent);
const body = file("body.json", sampleEvent().data.connection);

test("one JSON line a file, and exit code 1 when any has an error", () => {
  const junk = file("junk.json", "{ junk");
  const tomorrow = file(
    "v2.json",
    sampleEvent((event) => Object.assign(event, { type: "vpn-connection.provision.requested.v2" })),
  );
  const { status, stdout } = run("--json", good, misspelled, junk, tomorrow);
  const lines = linesOf(stdout);
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
  const { line, column, link, field } = lines[1].errors[0];
  const before = JSON.stringify(misspelledEvent).split('"enableBpg":')[0] ?? "";
  assert.deepEqual([line, column, link, field], [1, before.length + '"enableBpg":'.length + 1, null, "enableBpg"]);
});

test("for people: place, link and field, wrapped; warnings alone are exit code 0; keys are never shown", () => {
  const weak = sampleEvent();
  Object.assign(weak.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, { sharedKey: "s3cret" });
  const name = file("weak.json", JSON.stringify(weak, null, 2));
  const { status, stdout } = run(name);
  assert.equal(status, 0);
  const lineOfKey =
    JSON.stringify(weak, null, 2)
      .split("\n")
      .findIndex((line) => line.includes("sharedKey")) + 1;
  assert.match(stdout, new RegExp(`^weak\\.json:${lineOfKey}:\\d+: warning SharedKeyShort at link Connection-Link1, sharedKey$`, "m"));
  assert.match(stdout, /^1 file: 1 valid, \d+ warnings$/m);
  assert.ok(!stdout.includes("s3cret"));
  for (const line of stdout.split("\n").filter((each) => / .* /.test(each.trim()))) assert.ok(line.length <= 100, line);
});

test("a folder and the standard input, with a total", () => {
  mkdirSync(join(directory, "folder"), { recursive: true });
  for (const name of ["a", "b"]) {
    const own = sampleEvent((event) => Object.assign(event.data.target, { connectionName: `branch-${name}` }));
    file(`folder/${name}.json`, own);
  }
  file("folder/notes.txt", "no JSON");
  const { status, stdout } = run({ input: JSON.stringify(misspelledEvent) }, "--json", "folder", "-");
  assert.equal(status, 1);
  assert.deepEqual(
    linesOf(stdout).map(({ file }) => file),
    [join("folder", "a.json"), join("folder", "b.json"), "-"],
  );
  assert.match(run("folder", misspelled).stdout, /^3 files: 2 valid, 1 with errors, \d+ warnings$/m);
});

test("JSON that ends too early has a place", () => {
  const name = file("comma.json", '{\n  "specversion": "1.0",\n}\n');
  const [{ errors }] = linesOf(run("--json", name).stdout);
  assert.deepEqual([errors[0].code, errors[0].line, errors[0].column], ["UnreadableMessage", 3, 1]);
});

test("JSON that is nested without end is refused, not followed", () => {
  const { status, stdout, stderr } = run("--json", file("deep.json", "[".repeat(200_000)));
  assert.deepEqual([status, linesOf(stdout)[0].errors[0].code, stderr], [1, "UnreadableMessage", ""]);
});

test("a cancellation is judged as a cancellation", () => {
  const request = { id: "R1", source: "/tests" };
  const right = file("cancel.json", cancellationOf(request));
  const empty = file("cancel-empty.json", { ...cancellationOf(request), data: { requestId: "", reason: "x" } });
  const foreign = file("cancel-foreign.json", { ...cancellationOf(request), source: "/others" });
  const { status, stdout } = run("--json", right, empty, foreign);
  assert.equal(status, 1);
  assert.deepEqual(
    linesOf(stdout).map(({ errors }) => errors.map(({ code, field }: Record<string, string>) => [code, field])),
    [
      [],
      // What is missing has the place of what is around it.
      [
        ["MissingField", "requestSource"],
        ["InvalidFormat", "requestId"],
        ["UnknownField", "reason"],
      ],
      [["SourceNotAllowed", "requestSource"]],
    ],
  );
});

test("what only several files show: one id for two requests, and two requests for one connection", () => {
  const event = sampleEvent();
  const first = file("first.json", event);
  const same = file("same.json", JSON.stringify(event, null, 2));
  const other = file("other.json", { ...event, data: { ...event.data, deadlineMinutes: 7 } });
  const rival = file("rival.json", { ...event, id: "another" });
  const plan = file("plan.json", { ...event, id: "a-plan", data: { ...event.data, mode: "plan" } });
  const { status, stdout } = run("--json", first, same, other, rival, plan);
  assert.equal(status, 1);
  const own = ["RequestIdConflict", "RepeatedRequest", "SameConnection"];
  const codes = linesOf(stdout).map(({ errors, warnings }) =>
    [...errors, ...warnings].map(({ code }: { code: string }) => code).filter((code) => own.includes(code)),
  );
  assert.deepEqual(codes, [[], ["RepeatedRequest"], ["RequestIdConflict"], ["SameConnection"], []]);
});

test("a REST body alone, with the id it is for", () => {
  assert.equal(run("--body", "--target", resourceId, body).status, 0);
  assert.equal(run("--body", "--target", resourceId, file("bad-body.json", { properties: {} })).status, 1);
  assert.equal(run("--body", "--target", resourceId, file("junk-body.json", "{")).status, 1);
});

test("a file that is not there is named, and the others are judged", () => {
  const { status, stdout, stderr } = run("--json", "missing.json", misspelled, good);
  assert.equal(status, 2);
  assert.match(stderr, /^missing\.json does not exist\.$/m);
  assert.equal(stdout.trim().split("\n").length, 2);
});
