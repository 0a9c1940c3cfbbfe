import assert from "node:assert/strict";
import { test } from "node:test";
import { findJsonFault, messageBounds } from "../../../shared/json/bounds.ts";

const { depth, items, values, nameLength, textLength } = messageBounds;
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const arrayOf = (count: number) => `[${Array(count).fill("1").join()}]`;
/** A text of so many values: four arrays in an array, and their items. */
const arraysOf = (count: number) => `[${[10_000, 10_000, 10_000, count - 30_005].map(arrayOf)}]`;
const rows: readonly (readonly [name: string, most: string, tooMuch: string])[] = [
  ["levels", nested(depth), nested(depth + 1)],
  ["items", arrayOf(items), arrayOf(items + 1)],
  ["values", arraysOf(values), arraysOf(values + 1)],
  ["a name's length", `{"${"n".repeat(nameLength)}":1}`, `{"${"n".repeat(nameLength + 1)}":1}`],
  ["a text's length", `["${"t".repeat(textLength)}"]`, `["${"t".repeat(textLength + 1)}"]`],
  ["a property name", '[{"a":1},{"a":{"a":2}}]', '{"a":1,"b":{},"\\u0061":2}'],
];
for (const [name, most, tooMuch] of rows) {
  test(`the bound on ${name} is the last value that is accepted`, () => {
    assert.equal(findJsonFault(most), undefined);
    assert.equal(typeof findJsonFault(tooMuch)?.message, "string");
  });
}

test("a fault is also found in a text that is not valid JSON", () => {
  assert.equal(typeof findJsonFault(`{"a": ${arrayOf(items + 1)} oops`)?.message, "string");
});
