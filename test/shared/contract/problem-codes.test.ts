import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { problemCodes } from "../../../shared/contract/problem-codes.ts";

// A code that is published and never raised promises something that cannot happen.

const root = join(import.meta.dirname, "..", "..", "..");
const product = globSync("{functions,orchestrations,shared,azure}/**/*.ts", { cwd: root })
  .filter((path) => !path.endsWith("problem-codes.ts"))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

/** The codes that a call of `problem` has, or a row of a table that leads to one. */
const raised = new Set(
  [...product.matchAll(/(?:\bproblem\(\s*|[cC]ode(?:: | = |\b.* \? | \?\? ))"([A-Z][A-Za-z]+)"(?! \|)/g)].map(([, code]) => code),
);

for (const code of Object.keys(problemCodes)) {
  test(`the product raises ${code}`, () => assert.ok(raised.has(code), `no problem("${code}", …) and no row with code: "${code}"`));
}
