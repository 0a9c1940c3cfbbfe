import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { optionsKeptByNpm } from "../../tools/npm-options.ts";

const folder = mkdtempSync(join(tmpdir(), "npm-options-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "show.js"), "console.log(JSON.stringify(process.env))");
writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: { show: "node show.js" } }));

const options = ["--plan", "--new-id", "--no-wait", "--timeout", "--json", "--queue", "--data-dir"].map((long) => ({ long }));

/** Returns the environment that npm gives to a command. */
function environmentOf(...args: string[]): NodeJS.ProcessEnv {
  const shell = process.platform === "win32";
  return JSON.parse(execFileSync("npm", ["run", "--silent", "show", ...args], { cwd: folder, shell, encoding: "utf8" }));
}

test("options without -- before them are found in what npm says, --plan among them", () => {
  assert.deepEqual(optionsKeptByNpm(options, environmentOf("a.json", "--plan")), ["--plan"]);
  const many = environmentOf("a.json", "--new-id", "--no-wait", "--timeout=5", "--data-dir=/x");
  assert.deepEqual(optionsKeptByNpm(options, many), ["--new-id", "--no-wait", "--timeout", "--data-dir"]);
});

test("options after -- are not npm's, and its own setting json is left to it", () => {
  assert.deepEqual(optionsKeptByNpm(options, environmentOf("--", "a.json", "--plan", "--no-wait")), []);
  assert.deepEqual(optionsKeptByNpm(options, environmentOf("--json")), []);
});
