import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf, problem, problemCodes } from "../../../shared/contract/problem.ts";

/** The codes of requests that never began. */
const rejected = [
  "InvalidRequest",
  "UnreadableMessage",
  "UnsupportedVersion",
  "SourceNotAllowed",
  "TargetNotAllowed",
  "RequestIdConflict",
  "Superseded",
  "SecretNotAllowed",
  "SecretUnusable",
  "RequestUnknown",
  "RequestFinished",
  "Undeliverable",
];

test("every problem code says who must act, and rejections are never retryable", () => {
  for (const [code, { actor, retryable }] of Object.entries(problemCodes)) {
    const made = problem(code as keyof typeof problemCodes, "m");
    assert.deepEqual(made, { code, message: "m", actor, retryable, details: [] });
    const outcomes = { RequestCancelled: "Cancelled" } as Record<string, string>;
    const expected = outcomes[code] ?? (rejected.includes(code) ? "Rejected" : "Failed");
    assert.equal(outcomeOf(made.code), expected, code);
  }
});
