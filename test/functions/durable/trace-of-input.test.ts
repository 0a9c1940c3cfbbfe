import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOfInput } from "../../../functions/durable/trace-of-input.ts";
import { traceOfRequest } from "../../../shared/tracing/request-trace.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const given = { traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" };
const completion = (event: object) => ({ event: { id: "vpn-1.completed", ...event }, ticket: null });
const derived = traceOfRequest("vpn-1", null).live;

const cases: readonly (readonly [name: string, input: unknown, hostHasTrace: boolean, place: object | undefined])[] = [
  ["a request", { instanceId: "vpn-1", requestId: "r", traceparent, data: "{}" }, true, given],
  ["a step of a request", { instanceId: "vpn-1", requestId: "r", traceparent, target: {} }, true, given],
  ["a step of an instance from before, in a host with traces", { instanceId: "vpn-1", requestId: "r", target: {} }, true, undefined],
  ["a step of an instance from before, in a host without", { instanceId: "vpn-1", requestId: "r", target: {} }, false, derived],
  ["an answer", completion({ traceparent }), true, given],
  ["an answer without a trace context", completion({}), true, derived],
  ["what is not about a request", { instances: [] }, true, undefined],
  ["a look at another instance", { instanceId: "vpn-1", event: null }, true, undefined],
  ["nothing", null, false, undefined],
];
for (const [name, input, hostHasTrace, place] of cases) {
  test(`the place of spans of an activity with ${name}`, () => assert.deepEqual(placeOfInput(input, hostHasTrace), place));
}
