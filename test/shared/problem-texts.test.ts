import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { preflightRules } from "../../shared/arm/preflight-rules.ts";
import { problemCodes } from "../../shared/contract/problem.ts";
import { rules } from "../../shared/contract/rules/index.ts";
import { structureCodes } from "../../shared/contract/structure.ts";
import { assertPlain } from "../support/plain-text.ts";

const root = join(import.meta.dirname, "..", "..");

test("the meaning of every problem code and of every field's code is a plain sentence", () => {
  for (const { means } of Object.values(problemCodes)) assertPlain(means);
  for (const says of Object.values(structureCodes)) assertPlain(says);
});

test("every rule is a plain sentence", () => {
  for (const { says } of [...rules, ...Object.values(preflightRules)]) assertPlain(says.replaceAll("`", ""));
});

test("the text of every problem is a plain sentence", () => {
  const texts = globSync("{functions,orchestrations,shared,azure}/**/*.ts", { cwd: root }).flatMap((file) => textsOfProblems(file));
  assert.ok(texts.length >= 15, `${texts.length} texts found`);
  for (const text of texts) assertPlain(text);
});

/**
 * Returns the texts that a file gives to `problem(code, text)`. Values in a template become a word.
 */
function textsOfProblems(file: string): string[] {
  const found = readFileSync(join(root, file), "utf8").matchAll(
    /\bproblem\(\s*(?:"\w+"|[\w.]+),\s*(?:"([^"]+)"|`((?:[^`$]|\$\{[^{}`]*\})+)`)/g,
  );
  return [...found].map(([, text, template]) => text ?? (template ?? "").replaceAll(/\$\{[^}]*\}/g, "Value").replace(/[.:] ?Value$/, "."));
}
