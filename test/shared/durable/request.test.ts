import assert from "node:assert/strict";
import { test } from "node:test";
import { dataOf } from "../../../shared/durable/request.ts";

test("a request's data is parsed from its text", () => {
  assert.deepEqual(dataOf({ data: '{"Timestamp":"2026-01-01"}' }), { Timestamp: "2026-01-01" });
  assert.equal(dataOf({}), undefined);
});
