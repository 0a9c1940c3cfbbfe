import assert from "node:assert/strict";
import { test } from "node:test";
import { stepIn, told } from "../../local/narration.ts";

const logged = (message: unknown) => JSON.stringify({ level: "information", message });

test("a step is found in a line of the log, and nothing in any other line", () => {
  assert.deepEqual(stepIn(logged('{"step":"polled","armState":"Updating"}')), { step: "polled", armState: "Updating" });
  for (const line of ["", "no JSON", "null", "[]", logged("text"), logged(7), logged('{"step":'), logged('{"other":1}')])
    assert.equal(stepIn(line), undefined, line);
});

const rows: readonly (readonly [step: Record<string, unknown> & { step: string }, text: string, colour: "green" | "red"])[] = [
  [{ step: "received", requestId: "1", requestSource: "/s" }, "   1.50 s  received    request 1 from /s", "green"],
  [{ step: "validated", warnings: 0 }, "   1.50 s  validated   no findings", "green"],
  [{ step: "submitted", status: 201, retryAfterSeconds: 10 }, "   1.50 s  submitted   PUT answered 201, told to wait 10 s", "green"],
  [{ step: "rejected", errors: 2 }, "   1.50 s  rejected    2 errors", "red"],
  [{ step: "published", outcome: "Failed", change: null, problem: "InternalError" }, "   1.50 s  published   Failed, InternalError", "red"],
  [{ step: "published", outcome: "Succeeded", change: "Created" }, "   1.50 s  published   Succeeded, Created", "green"],
  [{ step: "abandoned" }, "   1.50 s  abandoned", "green"],
];
for (const [step, text, colour] of rows) {
  test(`${text.trim()}: ${colour} where colours are wanted, and plain otherwise`, () => {
    assert.equal(told(step, 1_500, false), text);
    const coloured = told(step, 1_500, true);
    assert.ok(coloured.includes(colour === "green" ? "\u001b[32m" : "\u001b[31m"));
    assert.ok(coloured.includes(step.step));
  });
}
