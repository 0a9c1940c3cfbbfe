import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crowdedCellsOf, idiomsIn, longLinesOf, proseOfMarkdown, proseOfTypeScript } from "./support/prose.ts";

// Plain English, as far as a regular expression can judge it: no idioms, one word for one thing,
// and short lines.

const root = join(import.meta.dirname, "..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");

/** The contract page is generated: its sentences are those of the schemas. */
const documents = globSync(["*.md", ".github/*.md", "{docs,local,bench,examples,test}/**/*.md"], { cwd: root }).filter(
  (path) => !path.includes("node_modules") && path !== join("docs", "contract.md"),
);

/**
 * The files whose comments are in plain English: the product, and the tests that were rewritten.
 */
const clean = globSync(
  [
    "{functions,orchestrations,shared,azure,tools,infra,local,packaging}/**/*.{ts,js}",
    "build.ts",
    "test/{docs,decisions,repository}.test.ts",
    "test/support/prose.ts",
    "test/histories/replay.ts",
    "test/shared/contract/problem-codes.test.ts",
    "test/tools/{error-text,npm-options}.test.ts",
    "test/shared/contract/new-field.test.ts",
  ],
  { cwd: root },
).filter((path) => !path.includes("node_modules"));

for (const path of documents) {
  test(`${path}: no idioms, prose of at most 100 columns, one sentence in a cell`, () => {
    const prose = proseOfMarkdown(textOf(path));
    assert.deepEqual(idiomsIn(prose), []);
    assert.deepEqual(longLinesOf(prose), []);
    assert.deepEqual(crowdedCellsOf(prose), []);
  });
}

for (const path of clean) {
  test(`${path}: comments without idioms, of at most 100 columns`, () => {
    const prose = proseOfTypeScript(textOf(path));
    assert.deepEqual(idiomsIn(prose), []);
    assert.deepEqual(longLinesOf(prose), []);
  });
}

/**
 * Comments that are not held to the idioms. Texts of the contract page are wrapped by its
 * generator.
 */
const wrapped = globSync("{test,bench,schemas}/**/*.ts", { cwd: root }).filter(
  (path) => !clean.includes(path) && !/^schemas.contract-/.test(path) && !path.endsWith(".d.ts"),
);
test("comments of tests, benchmarks and generators have at most 100 columns", () => {
  const long = wrapped.flatMap((path) => longLinesOf(proseOfTypeScript(textOf(path))).map((line) => `${path}: ${line}`));
  assert.deepEqual(long, []);
});

test("code has at most 140 columns, which the formatter holds", () => {
  const { formatter } = JSON.parse(textOf("biome.json")) as { formatter: { lineWidth: number } };
  assert.equal(formatter.lineWidth, 140);
});

const idioms: readonly (readonly [text: string, found: boolean])[] = [
  ["Whoever waits is woken.", true],
  ["Nobody knows.", true],
  ["It was delivered in vain.", true],
  ["The requester is told why.", true],
  ["It stands in the history.", true],
  ["A star stands for any letter.", false],
  ["None of them is used.", true],
  ["It has a process of its own.", true],
  ["It has a process of its\nown.", true],
  ["It asks for a token.", true],
  ["Answers the first claim.", true],
  ["The app answers a request once.", true],
  ["All answers are kept.", false],
  ["The answers that Azure gives are kept.", false],
  ["The actor is `nobody`.", false],
];
for (const [text, found] of idioms) {
  test(`${found ? "an idiom" : "no idiom"}: ${text}`, () => assert.equal(idiomsIn(proseOfMarkdown(text)).length > 0, found));
}

test("a table cell has one sentence", () => {
  assert.equal(crowdedCellsOf(proseOfMarkdown("| One sentence. Another one. | b |")).length, 1);
  assert.deepEqual(crowdedCellsOf(proseOfMarkdown("| 1. One sentence. | Another one. |")), []);
});

test("prose is what a person reads: no code, no tables' width, no addresses", () => {
  const long = "word ".repeat(30);
  const text = ["```ts", `whoever ${long}`, "```", `| ${long} |`, `[a](https://example.com) ${long}`, "Plain."].join("\n");
  assert.deepEqual(longLinesOf(proseOfMarkdown(text)), []);
  assert.deepEqual(idiomsIn(proseOfMarkdown(text)), []);
  assert.equal(longLinesOf(proseOfMarkdown(long)).length, 1);
  const code = [`const url = "https://whoever";`, "/** Whoever. */", "  // nobody", "const a = 1; // in vain"].join("\n");
  assert.equal(idiomsIn(proseOfTypeScript(code)).length, 3);
});
