import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { currentLock, lockFile } from "../../infra/lock.ts";

// Bicep makes of infra/ what is committed, byte for byte.

const root = join(import.meta.dirname, "..", "..");
const canRun = Boolean(process.env["BICEP"]) || (process.platform === "linux" && process.arch === "x64");

test("compiling again changes nothing", { skip: canRun ? false : "BICEP is not set, and this is not Linux with x64" }, () => {
  const before = currentLock();
  const files = [lockFile, ...Object.keys(before.outputs).map((path) => join(root, path))].map(
    (path) => [path, readFileSync(path)] as const,
  );
  try {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "infra", "compile.ts")], { cwd: root, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(currentLock(), before);
  } finally {
    for (const [path, bytes] of files) writeFileSync(path, bytes);
  }
});
