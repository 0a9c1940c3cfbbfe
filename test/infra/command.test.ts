import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { currentLock } from "../../infra/lock.ts";

// `npm run infra` where it cannot compile: one sentence, exit code 2, and nothing is changed.

const root = join(import.meta.dirname, "..", "..");
const compile = (environment: Readonly<Record<string, string>>) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "infra", "compile.ts")], {
    env: { ...process.env, BICEP: "", ...environment },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

for (const [what, environment, sentence] of [
  ["no Bicep at this path", { BICEP: "/nowhere/bicep" }, /^Bicep does not start: .*\/nowhere\/bicep.*\n$/],
  ["another program", { BICEP: process.execPath }, /^\S+ is not Bicep [\d.]+: v\d+\.\d+\.\d+\n$/],
  ["no .NET SDK, or another system", { PATH: "/nowhere" }, /^(Downloading Bicep needs the \.NET 10 SDK, .*|Set BICEP to the path .*)\n$/],
] as const) {
  test(what, () => {
    const before = currentLock();
    const { status, stdout, stderr } = compile(environment);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
    assert.deepEqual(currentLock(), before);
  });
}
