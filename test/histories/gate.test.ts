import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { sourceAppDirectory } from "../support/source-app.ts";

// `npm run gate`: the deployed version is a commit in a repository of the test, the new build is an
// app that is loaded from its sources.

const root = join(import.meta.dirname, "..", "..");
const area = mkdtempSync(join(tmpdir(), "gate-"));
after(() => rmSync(area, { recursive: true }));
const deployed = join(area, "deployed");
const git = (...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: deployed, stdio: "ignore" });

before(() => {
  cpSync(join(root, "test", "histories"), join(deployed, "test", "histories"), { recursive: true });
  cpSync(join(root, "host.json"), join(deployed, "host.json"));
  git("init");
  commitAs("v1");
});

function commitAs(tag: string): void {
  git("add", "--all");
  git("-c", "commit.gpgsign=false", "commit", "--quiet", "--message", tag);
  git("-c", "tag.gpgsign=false", "tag", tag);
}

function gate(app: string, ...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "test", "histories", "gate.ts"), "--app", app, ...options], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, GIT_DIR: join(deployed, ".git") },
  });
  return { status, stdout, stderr };
}

/** Makes an app of copied sources, after a change of one file. */
function changedApp(path: string, from: string, to: string): string {
  const folder = mkdtempSync(join(area, "changed-"));
  for (const name of ["functions", "orchestrations", "shared", "azure", "package.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const text = readFileSync(join(folder, path), "utf8");
  assert.ok(text.includes(from), `${path} has ${from}`);
  writeFileSync(join(folder, path), text.replace(from, to));
  return sourceAppDirectory(join(folder, "functions", "index.ts"));
}

test("the same steps: additive, exit code 0", () => {
  const { status, stdout } = gate(sourceAppDirectory(), "--deployed", "v1");
  assert.match(stdout, /^additive: all \d+ histories of v1 replay with the new build\./);
  assert.equal(status, 0);
});

test("a new step in the middle: drain, exit code 1, and every history that cannot continue is named", () => {
  const file = "orchestrations/provision-vpn-connection.ts";
  const app = changedApp(file, "  const claim = yield*", "  yield* recallKeys(context, {} as never);\n  const claim = yield*");
  const { status, stdout } = gate(app, "--deployed", "v1", "--json");
  const { verdict, replayed, reasons } = JSON.parse(stdout);
  assert.deepEqual([status, verdict, replayed > 30], [1, "drain", true]);
  const created = reasons.find(({ history }: { history: string }) => history.startsWith("test/histories/0.1.0/created."));
  assert.match(created.reason, /^Turn 1 of provisionVpnConnection vpn-\w+ (schedules other steps|fails)/);
  // The instances of other orchestrations continue.
  assert.ok(!reasons.some(({ history }: { history: string }) => history.includes("/cancel-")));
  assert.match(
    gate(app, "--deployed", "v1").stdout,
    /^drain: \d+ of \d+ histories of v1 .*\nDo not deploy .* docs\/operations\.md, .+\.$/m,
  );
});

test("an older build than the deployed one: it does not run instances of a newer version", () => {
  const hostJson = JSON.parse(readFileSync(join(deployed, "host.json"), "utf8"));
  hostJson.extensions.durableTask.defaultVersion = "2";
  writeFileSync(join(deployed, "host.json"), JSON.stringify(hostJson));
  commitAs("v2");
  const { status, stdout } = gate(sourceAppDirectory(), "--deployed", "v2");
  assert.match(stdout, /^host\.json:\nIts instances have version "2", and the new build runs those up to "1"\.$/m);
  assert.equal(status, 1);
});

const wrongUses: readonly (readonly [what: string, options: readonly string[], says: RegExp])[] = [
  ["no commit", [], /^Required option '--deployed <COMMIT>' not specified\./],
  ["an unknown commit", ["--deployed", "v9"], /^git knows no commit v9 .*\n$/],
  ["a folder without an app", ["--deployed", "v1", "--app", area], /has no built app\. Run npm run build first\.\n$/],
];
for (const [what, options, says] of wrongUses) {
  test(`${what}: one sentence, exit code 2`, () => {
    const { status, stdout, stderr } = gate(relative(root, sourceAppDirectory()), ...options);
    assert.match(stderr, says);
    assert.deepEqual([status, stdout], [2, ""]);
  });
}
