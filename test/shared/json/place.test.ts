import assert from "node:assert/strict";
import { test } from "node:test";
import { describePlace } from "../../../shared/json/place.ts";

const rows: readonly (readonly [text: string, offset: number, place: string])[] = [
  ["", 0, "line 1, column 1"],
  ["abc", 2, "line 1, column 3"],
  ["a\nbc", 3, "line 2, column 2"],
  ["a\r\nb", 3, "line 2, column 1"],
  ["a\rb", 2, "line 2, column 1"],
];
for (const [text, offset, place] of rows) {
  test(`character ${offset} of ${JSON.stringify(text)} is at ${place}`, () => assert.equal(describePlace(text, offset), place));
}
