import assert from "node:assert/strict";
import { test } from "node:test";
import { spanIdOf, traceOfRequest } from "../../../shared/tracing/request-trace.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentSpanId = "b7ad6b7169203331";

for (const flags of ["00", "01"]) {
  test(`a trace context with the flags ${flags} is the parent of everything`, () => {
    const { root, live } = traceOfRequest("vpn-1", `00-${traceId}-${parentSpanId}-${flags}`);
    assert.deepEqual([root, live], Array(2).fill({ traceId, parentSpanId }));
  });
}

for (const traceparent of [null, undefined, "00-0-0-00"]) {
  test(`without a trace context (${traceparent}) the trace follows from the instance`, () => {
    const { root, rootSpanId, live } = traceOfRequest("vpn-1", traceparent);
    assert.match(root.traceId, /^[0-9a-f]{32}$/);
    assert.equal(root.parentSpanId, null);
    assert.deepEqual(live, { traceId: root.traceId, parentSpanId: rootSpanId });
    assert.deepEqual(traceOfRequest("vpn-1", traceparent), { root, rootSpanId, live });
    assert.notEqual(traceOfRequest("vpn-2", traceparent).root.traceId, root.traceId);
  });
}

test("ids of spans differ by instance and by span", () => {
  const ids = [spanIdOf("vpn-1", "put"), spanIdOf("vpn-1", "verify"), spanIdOf("vpn-2", "put")];
  assert.equal(new Set(ids).size, 3);
});
