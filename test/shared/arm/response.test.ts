import assert from "node:assert/strict";
import { test } from "node:test";
import { armErrorOf, bodyOf, stateOf, waitOf } from "../../../shared/arm/response.ts";

const words: readonly (readonly [word: unknown, state: string])[] = [
  ["Succeeded", "Succeeded"],
  ["SUCCEEDED", "Succeeded"],
  ["Failed", "Failed"],
  ["Canceled", "Canceled"],
  ["cancelled", "Canceled"],
  ["InProgress", "InProgress"],
  ["Updating", "InProgress"],
  ["SomethingNew", "InProgress"],
  [undefined, "InProgress"],
  [null, "InProgress"],
  [7, "InProgress"],
];
for (const [word, state] of words) {
  test(`the status ${JSON.stringify(word)} means ${state}`, () => assert.equal(stateOf(word), state));
}

const responseOf = (status: number, body: unknown = "", headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});

const error = (code: string) => ({ error: { code, message: "m", details: [{ code: "Inner" }] } });

test("an error keeps all its parts", () => {
  const tree = {
    code: "X",
    message: "m",
    target: "t",
    details: [{ code: "Y", target: "u" }],
    innererror: { code: "Z" },
    additionalInfo: [{ type: "P" }],
  };
  assert.deepEqual(armErrorOf(responseOf(400, { error: tree })), { status: 400, ...tree });
});

test("Azure's error is returned unchanged; without one, code and message are null", () => {
  assert.deepEqual(armErrorOf(responseOf(400, error("X"))), { status: 400, code: "X", message: "m", details: [{ code: "Inner" }] });
  assert.deepEqual(armErrorOf(responseOf(502, "<html>")), { status: 502, code: null, message: null, details: [] });
  assert.equal(waitOf(responseOf(429, "", { "retry-after": "3" })), 3);
});

test("Retry-After wins over a wait in a message, which counts only in errors", () => {
  const hint = { error: { code: "X", message: "retry after 90 seconds" } };
  assert.equal(waitOf(responseOf(429, hint, { "retry-after": "3" })), 3);
  assert.equal(waitOf(responseOf(200, hint)), undefined);
});

test("a body that is not JSON is undefined, and values below 64 levels become null", () => {
  assert.equal(bodyOf(responseOf(200, "<html>")), undefined);
  const depth = (value: unknown): number => (Array.isArray(value) ? 1 + depth(value[0]) : 0);
  assert.equal(depth(bodyOf(responseOf(200, `${"[".repeat(100)}1${"]".repeat(100)}`))), 64);
  assert.deepEqual(bodyOf(responseOf(200, { a: [1] })), { a: [1] });
});
