import assert from "node:assert/strict";
import { test } from "node:test";
import { jitterOf } from "../../orchestrations/jitter.ts";

test("jitter is spread over its range and depends on its text alone", () => {
  const values = Array.from({ length: 1000 }, (_, index) => jitterOf(`vpn-${index}/putConnection/1`));
  assert.ok(values.every((value) => value >= 0 && value < 1));
  const tenths = new Set(values.map((value) => Math.floor(value * 10)));
  assert.equal(tenths.size, 10);
  assert.equal(jitterOf("a"), jitterOf("a"));
});
