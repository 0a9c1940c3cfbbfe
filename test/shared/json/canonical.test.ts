import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../../shared/json/canonical.ts";
import { parseExactly } from "../../../shared/json/parse.ts";

test("the order of properties does not matter, that of items does, and numbers keep their digits", () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: "x" }), canonicalJson({ a: "x", b: [{ c: null, d: 1 }] }));
  assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
  assert.equal(canonicalJson(parseExactly('{"b":12345678901234567890,"a":1.0}')), '{"a":1.0,"b":12345678901234567890}');
});
