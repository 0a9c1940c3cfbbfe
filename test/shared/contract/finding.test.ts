import assert from "node:assert/strict";
import { test } from "node:test";
import { type Finding, jsonPointer, limitFindings, sortFindings } from "../../../shared/contract/finding.ts";

test("pointers are escaped, the order is stable, and a cut list says so", () => {
  assert.equal(jsonPointer(["a/b", "c~d", 0]), "/a~1b/c~0d/0");
  const finding = (target: string, code: string): Finding => ({ target, code, severity: "error", message: "", actor: "requester" });
  const sorted = sortFindings([finding("/b", "X"), finding("/a", "Z"), finding("/a", "Y")]);
  assert.deepEqual(
    sorted.map(({ target, code }) => target + code),
    ["/aY", "/aZ", "/bX"],
  );
  const cut = limitFindings(sorted, 1);
  assert.deepEqual([cut.length, cut[1]?.code, cut[1]?.message], [2, "Truncated", "2 more findings were left out."]);
  assert.equal(limitFindings(sorted, 3), sorted);
});
