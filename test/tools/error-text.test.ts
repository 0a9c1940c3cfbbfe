import assert from "node:assert/strict";
import { test } from "node:test";
import { errorText } from "../../tools/error-text.ts";

test("a path without permission is a sentence, without the code of the system", () => {
  for (const code of ["EACCES", "EPERM", "EROFS"]) {
    const error = Object.assign(new Error(`${code}: permission denied, mkdtemp '/a/b'`), { code, path: "/a/b" });
    assert.equal(errorText(error), "/a/b cannot be read or written. Check its permissions.");
  }
});

test("any other error says its own message", () => {
  assert.equal(errorText(new Error("The disk is full.")), "The disk is full.");
  assert.equal(errorText("a text"), "a text");
});
