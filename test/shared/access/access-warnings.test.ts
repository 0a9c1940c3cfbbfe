import assert from "node:assert/strict";
import { test } from "node:test";
import { accessWarningsOf } from "../../../shared/access/access-warnings.ts";

test("settings that allow more than most operators want lead to warnings", () => {
  const queues = new Map([["tickets", "/ticketing"]]);
  const warnings = (ALLOWED_TARGETS: null | Map<string, string[]>, REQUEST_QUEUES: Map<string, string>) =>
    accessWarningsOf({ ALLOWED_TARGETS, REQUEST_QUEUES }).join("\n");
  assert.equal(warnings(new Map(), queues), "");
  assert.equal(warnings(new Map(), new Map([["q", ""]])), "");
  assert.match(warnings(null, queues), /^ALLOWED_TARGETS is not set: every source may change every gateway/);
  assert.match(warnings(new Map(), new Map([...queues, ["q", ""]])), /^The queue q has no source prefix/);
});
