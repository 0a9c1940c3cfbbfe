import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readAppVersion } from "../../azure/app-version.ts";

test("the version is that of the nearest package.json: the repository's, or the one beside the bundle", (t) => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8")) as { version: string };
  assert.equal(readAppVersion(), version);
  const bundle = mkdtempSync(join(tmpdir(), "bundle-"));
  t.after(() => rmSync(bundle, { recursive: true }));
  mkdirSync(join(bundle, "chunks"));
  writeFileSync(join(bundle, "package.json"), '{"version":"9.8.7"}');
  assert.equal(readAppVersion(join(bundle, "chunks")), "9.8.7");
});
