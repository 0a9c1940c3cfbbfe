import assert from "node:assert/strict";
import { test } from "node:test";
import { field } from "../../../shared/json/field.ts";

test("a property of an object is returned; everything else is undefined", () => {
  assert.equal(field({ a: 1 }, "a"), 1);
  for (const value of [{}, null, undefined, "a", 1, []]) assert.equal(field(value, "a"), undefined);
});

test("an inherited property is not a property of the value", () => {
  assert.equal(field({}, "toString"), undefined);
  assert.equal(field({}, "__proto__"), undefined);
});
