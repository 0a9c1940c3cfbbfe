import assert from "node:assert/strict";
import { test } from "node:test";
import { collectTexts, errorCodes, findTextsNamed } from "../../../shared/arm/error-tree.ts";

const inner = JSON.stringify({ error: { code: "Inside", message: "m" } });
const error = {
  status: 400,
  code: "X",
  message: `It failed. Details: ${inner} (end)`,
  details: [{ code: "Y", target: "u" }],
  innererror: { code: "Z" },
};

test("codes are found in details, inner errors, and JSON in messages, the outermost first", () => {
  assert.deepEqual(errorCodes(error), ["X", "Inside", "Y", "Z"]);
});

test("texts are found by the names of their properties, each once, and not too deep", () => {
  assert.deepEqual(findTextsNamed([{ a: "1" }, { b: { a: "1", c: "2" } }, { a: 3 }], ["a", "c"]), ["1", "2"]);
  let deep: object = { a: "deep" };
  for (let level = 0; level < 20; level++) deep = { level: deep };
  assert.deepEqual(findTextsNamed(deep, ["a"]), []);
});

test("all texts of an error are collected", () => {
  assert.deepEqual(collectTexts({ a: "1", b: ["2", { c: "3" }], d: 4, e: null }), ["1", "2", "3"]);
});
