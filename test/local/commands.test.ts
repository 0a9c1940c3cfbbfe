import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

// What every command says to `--help` and to wrong uses. None of them starts anything here.

const root = join(import.meta.dirname, "..", "..");
const empty = mkdtempSync(join(tmpdir(), "vpn-commands-"));
after(() => rmSync(empty, { recursive: true, force: true }));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const launcher = /^node local\/node\.js (\S+\.ts)$/;
/** Commands of ours, without those for requesters, which have tests of their own. */
const commands = Object.keys(scripts).filter(
  (name) => launcher.test(scripts[name] ?? "") && !["send", "validate", "cancel"].includes(name),
);

function run(command: string, ...args: string[]): Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }> {
  const [, script = ""] = launcher.exec(scripts[command] ?? "") ?? [];
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, "local", "node.js"), script, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, stdout, stderr }),
    );
  });
}

test("the commands are found", () => {
  for (const command of ["start", "dev", "bench", "chaos", "contract", "build", "test", "test:extension"])
    assert.ok(commands.includes(command), command);
});

describe("help", { concurrency: 2 }, () => {
  for (const command of commands) {
    test(`${command} --help: an example, and exit code 0`, async () => {
      const { status, stdout, stderr } = await run(command, "--help");
      assert.deepEqual([status, stderr], [0, ""]);
      const called = ["start", "test"].includes(command) ? `npm ${command}` : `npm run ${command}`;
      assert.ok(stdout.startsWith(`Usage: ${called} -- `), stdout);
      assert.match(stdout, new RegExp(`\nExample:\n {2}${called}`));
    });
  }
});

const number = (most: number) => new RegExp(`is invalid\\. It takes a whole number from 0 to ${most}\\.`);
const wrongUses: readonly (readonly [command: string, args: readonly string[], says: RegExp])[] = [
  ["start", ["nothing.json"], /^There is no file nothing\.json\.$/],
  ["start", ["package.json/x"], /^There is no file package\.json\/x\.$/],
  ["start", ["examples"], /^examples is a folder; npm start takes one file\. For a folder use npm run send\.$/],
  ["start", ["examples/cancel.json"], /^examples\/cancel\.json is a cancellation; npm start takes a request\./],
  ["start", ["package.json", "tsconfig.json"], /^Too many arguments/],
  ["start", ["--engin", "sqlite"], /^Unknown option '--engin'\. Did you mean --engine\?/],
  ["start", ["--engine", "azure"], /'azure' is invalid\. Allowed choices are sqlite, extension\./],
  ["start", ["--engine"], /^Option '--engine <name>' argument missing\./],
  ["start", ["--rough", "-1"], number(2_147_483_647)],
  ["start", ["--rough=x"], number(2_147_483_647)],
  ["start", ["--rough", "1.5"], number(2_147_483_647)],
  ["start", ["--rough", "2147483648"], number(2_147_483_647)],
  ["dev", ["--prot", "1"], /^Unknown option '--prot'\. Did you mean --port\?/],
  ["dev", ["--port", "http"], number(65_535)],
  ["dev", ["--port", "1.5"], number(65_535)],
  ["dev", ["--port", "70000"], number(65_535)],
  ["dev", ["--port"], /^Option '--port <port>' argument missing\./],
  ["dev", ["--service-bus-port", ""], number(65_535)],
  ["dev", ["--arm-endpoint", "http://x"], /'http:\/\/x' is invalid\. It takes an https URL\./],
  ["dev", ["--arm-endpoint", "nonsense"], /'nonsense' is invalid\. It takes an https URL\./],
  ["dev", ["--speed", "0"], /'0' is invalid\. It takes a number from 0\.001 to 100000\./],
  ["dev", ["--speed", "fast"], /'fast' is invalid\. It takes a number/],
  ["dev", ["--engine", "extention"], /'extention' is invalid\. Allowed choices are/],
  ["dev", ["--data-dir", "package.json"], /'package\.json' is invalid\. It takes a folder, and \S+ is a file\./],
  ["dev", ["--data-dir", "package.json/x"], /'package\.json\/x' is invalid\. It takes a folder, and \S+package\.json is a file\./],
  ["dev", ["examples"], /^Too many arguments/],
  ["bench", ["latencies"], /'latencies' is invalid for argument 'benchmark'\. Allowed choices are validate, lease/],
  ["bench", ["--enginee", "sqlite"], /Did you mean --engine\?/],
  ["bench", ["latency", "--engine", "extension"], /^--engine extension has one benchmark of its own; leave out latency\.$/],
  ["cost", ["--requests", "0"], /'0' is invalid\. It takes a whole number from 1 to 40\./],
  ["cost", ["--prices", "nowhere.json"], /^There is no file nowhere\.json\. The prices of this project are in infra\/prices\.json\.$/],
  ["cost", ["--prices", "README.md"], /^README\.md is not JSON: /],
  ["cost", ["--compare", "nowhere.json"], /^There is no file nowhere\.json\.$/],
  [
    "cost",
    ["--compare", "package.json"],
    /^package\.json is not the metric Transactions by ApiName\. Make it with: az monitor metrics list /,
  ],
  ["cost", ["--jsn"], /^Unknown option '--jsn'\. Did you mean --json\?/],
  ["cost", ["7"], /^Too many arguments/],
  ["chaos", ["--seed", "x"], /'x' is invalid\. It takes a whole number/],
  ["chaos", ["--minutes", "soon"], /'soon' is invalid\. It takes a number from 0 to 100000\./],
  ["chaos", ["--shrt"], /Did you mean --short\?/],
  ["chaos", ["7"], /^Too many arguments/],
  ["contract", ["--json"], /^Unknown option '--json'\./],
  ["contract", ["docs"], /^Too many arguments/],
  ["build", ["--quite"], /Did you mean --quiet\?/],
  ["test", ["test/nowhere"], /^There is no file or folder test\/nowhere\.$/],
  ["test", ["test/nowhere.test.ts"], /^There is no file or folder test\/nowhere\.test\.ts\.$/],
  ["test", [empty], /^The folder \S+ has no tests \(files named \*\.test\.ts\)\.$/],
  ["test", ["shared/settings.ts"], /^The file shared\/settings\.ts has no tests: their files end in \.test\.ts\.$/],
  ["test", ["--name", "("], /'\(' is invalid\. It takes a regular expression\./],
  ["test", ["--nme", "x"], /Did you mean --name\?/],
  ["test:extension", ["test/extension/nothing.check.ts"], /^There is no file or folder test\/extension\/nothing\.check\.ts\.$/],
  ["test:extension", ["--lnog"], /Did you mean --long\?/],
];
describe("wrong uses", { concurrency: 2 }, () => {
  for (const [command, args, says] of wrongUses) {
    test(`${command} ${args.join(" ").replace(empty, "(an empty folder)")}: one line on stderr, and exit code 2`, async () => {
      const { status, stdout, stderr } = await run(command, ...args);
      assert.deepEqual([status, stdout], [2, ""], stderr);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.match(stderr.trimEnd(), says);
      assert.doesNotMatch(stderr, /ENOENT|ENOTDIR|^ {4}at /m);
    });
  }
});
