import assert from "node:assert/strict";
import { test } from "node:test";
import { tracePropertiesOf, traceparentOfMessage } from "../../../shared/contract/traceparent.ts";

const one = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const other = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

const cases: readonly (readonly [what: string, properties: object, expected: string | null])[] = [
  ["no property", {}, null],
  ["Diagnostic-Id", { "Diagnostic-Id": one }, one],
  ["the name as the worker writes it", { "diagnostic-Id": one }, one],
  ["traceparent", { traceparent: one }, one],
  ["both", { traceparent: other, "Diagnostic-Id": one }, one],
  ["an id of the older form", { "Diagnostic-Id": "|1.2.", traceparent: other }, other],
  ["another type", { "Diagnostic-Id": 7, traceparent: { a: 1 } }, null],
  ["text that is no trace", { traceparent: "00-0-0-00" }, null],
];
for (const [what, properties, expected] of cases) {
  test(`the trace of a message: ${what}`, () => assert.equal(traceparentOfMessage({ ...properties }), expected));
}

test("a message carries a trace under both names, or none", () => {
  assert.deepEqual(tracePropertiesOf(one), { traceparent: one, "Diagnostic-Id": one });
  assert.deepEqual([tracePropertiesOf(null), tracePropertiesOf(undefined)], [{}, {}]);
  assert.equal(traceparentOfMessage(tracePropertiesOf(one)), one);
});
