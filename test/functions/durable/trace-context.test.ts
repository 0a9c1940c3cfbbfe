import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { followTraces } from "../../../functions/durable/trace-context.ts";

followTraces();
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const headersIn = (carrier: object) => {
  const headers: Record<string, string> = {};
  propagation.inject(propagation.extract(ROOT_CONTEXT, carrier), headers);
  return headers;
};

test("what came in goes out again, flags and state too", () => {
  assert.deepEqual(headersIn({ traceparent }), { traceparent });
  assert.deepEqual(headersIn({ traceparent: traceparent.replace(/01$/, "00"), tracestate: "a=1,b=2" }), {
    traceparent: traceparent.replace(/01$/, "00"),
    tracestate: "a=1,b=2",
  });
});

for (const wrong of [undefined, "", "00-0-0-00", traceparent.toUpperCase(), `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
  test(`no trace: ${wrong}`, () => {
    assert.deepEqual(headersIn({ traceparent: wrong, tracestate: "a=1" }), {});
    assert.equal(trace.getSpan(propagation.extract(ROOT_CONTEXT, { traceparent: wrong })), undefined);
  });
}

test("two invocations at the same time have their own traces, and afterwards there is none", async () => {
  const traces = [traceparent, traceparent.replace("0af7", "1bf8")];
  const seen = await Promise.all(
    traces.map((given) => {
      const run = context.bind(propagation.extract(ROOT_CONTEXT, { traceparent: given }), async () => {
        await turn();
        const headers: Record<string, string> = {};
        propagation.inject(context.active(), headers);
        return headers["traceparent"];
      });
      return run();
    }),
  );
  assert.deepEqual(seen, traces);
  assert.equal(context.active(), ROOT_CONTEXT);
});
