import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { zipSync } from "fflate";
import { sampleEvent } from "../support/sample.ts";

// `.ci/deploy`, the steps that both pipelines share, with an Azure CLI that only notes its calls
// and answers what this test says. The project is a copy with a git repository.

const root = join(import.meta.dirname, "..", "..");
const isPossible =
  process.platform !== "win32" && spawnSync("unzip", ["-v"]).status === 0 && spawnSync("sha256sum", ["--version"]).status === 0;
const skip = isPossible ? false : "It needs bash, unzip and sha256sum.";
const area = mkdtempSync(join(tmpdir(), "deploy-"));
after(() => rmSync(area, { recursive: true }));
const project = join(area, "project");
const calls = join(area, "calls.txt");
const app = "/subscriptions/s/resourceGroups/rg-test/providers/Microsoft.Web/sites/func-vpn-x";
let sha256: string;
let commit: string;

/** Answers a query for one value; VALUES has them by the last word of the query. */
const fakeAz = `#!/usr/bin/env bash
echo "$*" >> ${calls}
case "$*" in
  "deployment sub create"*) exit "\${FAILS:-0}" ;;
  "deployment sub what-if"*) echo "Resource changes: 1 to create." ;;
  "resource list"*)
    for pair in $VALUES; do
      case "$*" in *"\${pair%%=*}"*) echo "\${pair#*=}" ;; esac
    done
    ;;
esac
`;

before(() => {
  if (skip) return;
  const folders = [".ci", "functions", "orchestrations", "shared", "azure", "tools", "local", "test/histories", "test/support"];
  for (const path of [...folders, "host.json", "package.json", "package-lock.json"])
    cpSync(join(root, path), join(project, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  mkdirSync(join(area, "bin"));
  writeFileSync(join(area, "bin", "az"), fakeAz);
  chmodSync(join(area, "bin", "az"), 0o755);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: project, encoding: "utf8" }).trim();
  git("init", "--quiet");
  git("add", "host.json", "test/histories");
  git("-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "v1");
  commit = git("rev-parse", "HEAD");
  // The release of this test is the app from its sources: what is in the zip leads to them.
  release("functions/index.ts");
});

function release(entry: string): void {
  const main = `import ${JSON.stringify(join(project, entry))};\n`;
  const zip = zipSync({
    "host.json": readFileSync(join(root, "host.json")),
    "index.js": Buffer.from(main),
    "package.json": Buffer.from(JSON.stringify({ type: "module", main: "index.js" })),
  });
  sha256 = createHash("sha256").update(zip).digest("hex");
  const folder = join(project, "release");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "app-1.2.3.zip"), zip);
  writeFileSync(join(folder, "build-info.json"), JSON.stringify({ version: "1.2.3", commit: "c0ffee" }));
  writeFileSync(join(folder, "SHA256SUMS"), `${sha256}  app-1.2.3.zip\n`);
}

/** Runs one step. `values` are what the app of the environment has in Azure. */
function deploy(step: string, values: Readonly<Record<string, string>> = {}, settings: Readonly<Record<string, string>> = {}) {
  rmSync(calls, { force: true });
  const summary = join(area, "summary.md");
  rmSync(summary, { force: true });
  const { status, stdout, stderr } = spawnSync(join(project, ".ci", "deploy"), [step], {
    encoding: "utf8",
    env: {
      PATH: `${join(area, "bin")}:${join(process.execPath, "..")}:${process.env["PATH"]}`,
      HOME: process.env["HOME"] ?? area,
      AZURE_ENV_NAME: "test",
      AZURE_LOCATION: "westeurope",
      RELEASE_SHA256: sha256,
      SUMMARY: summary,
      VALUES: Object.entries(values)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
      ...settings,
    },
  });
  const read = (path: string) => readFileSync(path, { encoding: "utf8", flag: "a+" });
  const changes = read(calls)
    .split("\n")
    .filter((call) => call !== "" && !call.startsWith("resource list"));
  return { status, stdout, stderr, changes, summary: read(summary) };
}

const running = () => ({ "[0].id": app, "[0].name": "func-vpn-x", "[0].resourceGroup": "rg-test", "release-commit": commit });
const inPlace = "--name vpn-test --location westeurope --parameters infra/main.bicepparam";

test("what-if: shows the changes, and makes none", { skip }, () => {
  const { status, changes, summary } = deploy("what-if");
  assert.deepEqual([status, changes], [0, [`deployment sub what-if ${inPlace}`]]);
  assert.match(summary, /^## What provisioning test would change\n```\nResource changes: 1 to create\.\n```$/m);
});

test("gate: the deployed commit is the one that the app's tags name", { skip }, () => {
  const { status, stdout, stderr, changes, summary } = deploy("gate", running());
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`^additive: all \\d+ histories of ${commit} replay`, "m"));
  assert.match(summary, /^## History gate\n```\nadditive:/);
  assert.deepEqual(changes, []);
});

test("gate: before the first deployment there is nothing to ask", { skip }, () => {
  const { status, stdout } = deploy("gate");
  assert.deepEqual([status, stdout], [0, "The environment test has no app yet, so no requests are running.\n"]);
});

test("gate: an app that does not say its commit stops the deployment, unless DEPLOYED does", { skip }, () => {
  const { "release-commit": _, ...unknown } = running();
  const { status, stderr } = deploy("gate", unknown);
  assert.deepEqual([status, stderr], [2, "The app of test does not say which commit it runs. Name it in DEPLOYED.\n"]);
  assert.equal(deploy("gate", unknown, { DEPLOYED: commit }).status, 0);
});

test("gate: other steps stop the deployment, unless no requests are running", { skip }, () => {
  const file = join(project, "orchestrations", "provision-vpn-connection.ts");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("  const claim = yield*", "  yield* recallKeys(context, {} as never);\n  const claim = yield*"));
  try {
    const stopped = deploy("gate", running());
    assert.equal(stopped.status, 1);
    assert.match(stopped.summary, /^drain: /m);
    assert.equal(deploy("gate", running(), { DRAINED: "true" }).status, 0);
  } finally {
    writeFileSync(file, text);
  }
});

test("provision: the tags of the release are written again, also after a failure", { skip }, () => {
  const values = { ...running(), "release-version": "1.2.2", "release-sha256": "abc" };
  const created = `deployment sub create ${inPlace} --output none`;
  const tagged = `tag update --resource-id ${app} --operation Merge --output none --tags release-version=1.2.2 release-commit=${commit} release-sha256=abc`;
  for (const code of [0, 1]) {
    const { status, changes } = deploy("provision", values, { FAILS: String(code) });
    assert.deepEqual([status, changes], [code, [created, tagged]]);
  }
  assert.deepEqual(deploy("provision").changes, [created]);
});

test("app: deploys the zip, then notes which release it is", { skip }, () => {
  const { status, changes, stderr } = deploy("app", running());
  assert.equal(status, 0, stderr);
  assert.deepEqual(changes, [
    "functionapp deployment source config-zip --resource-group rg-test --name func-vpn-x --src release/app-1.2.3.zip --output none",
    `tag update --resource-id ${app} --operation Merge --output none --tags release-version=1.2.3 release-commit=c0ffee release-sha256=${sha256}`,
  ]);
});

test("app: another zip than the one that was built is not deployed", { skip }, () => {
  const { status, changes, stderr } = deploy("app", running(), { RELEASE_SHA256: "0".repeat(64) });
  assert.notEqual(status, 0);
  assert.match(stderr, /did NOT match/);
  assert.deepEqual(changes, []);
});

test("smoke: sends a plan to the namespace of the environment", { skip }, () => {
  const settings = { SMOKE_REQUEST: JSON.stringify(sampleEvent()) };
  const { status, stderr } = deploy("smoke", { "Microsoft.ServiceBus/namespaces": "sb-vpn-none" }, settings);
  // The name does not exist. The command got as far as the network.
  assert.match(stderr, /^No request was sent: the host sb-vpn-none\.servicebus\.windows\.net is not known\.$/m);
  assert.equal(status, 2);
  assert.match(deploy("smoke").stderr, /^SMOKE_REQUEST is empty\./);
});

test("an unknown step is a sentence", { skip }, () => {
  const { status, stderr } = deploy("nothing");
  assert.deepEqual([status, stderr], [2, "Usage: .ci/deploy what-if | gate | provision | app | smoke\n"]);
});
