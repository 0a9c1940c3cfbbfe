import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";
import { traceCall } from "../../azure/trace-call.ts";
import { recordingTracing } from "../support/recording-tracing.ts";

const url =
  "https://management.azure.com/subscriptions/1f2e/providers/Microsoft.Network/locations/westeurope/operations/secret-id?t=1&sig=secret";
const request = createPipelineRequest({ url, method: "GET" });
const ids = { clientRequestId: "client", correlationId: "correlation" };
const answering =
  (status: number, headers: Record<string, string> = {}) =>
  async (): Promise<PipelineResponse> => ({
    request,
    status,
    headers: createHttpHeaders(headers),
    bodyAsText: "secret",
  });
const of = { "azure.client.request_id": "client", "vpn.arm.correlation_id": "correlation", "http.request.method": "GET" };
const where = {
  "server.address": "management.azure.com",
  "url.template": "/subscriptions/{}/providers/Microsoft.Network/locations/{}/operations/{}",
};

const cases: readonly (readonly [status: number, headers: Record<string, string>, more: object])[] = [
  [200, {}, {}],
  [202, { "retry-after": "7" }, { "vpn.retry_after_s": 7 }],
  [404, {}, {}],
  [429, { "retry-after": "3" }, { "vpn.retry_after_s": 3, "error.type": "429" }],
  [503, {}, { "error.type": "503" }],
];
for (const [status, headers, more] of cases) {
  test(`a call that was answered ${status}`, async () => {
    const tracing = recordingTracing();
    const response = await traceCall(tracing, request, ids, answering(status, headers));
    assert.equal(response.status, status);
    const attributes = { ...of, ...where, "http.response.status_code": status, ...more };
    assert.deepEqual(tracing.spans, [{ name: "GET operations", kind: "client", place: undefined, attributes }]);
    assert.ok(!JSON.stringify(tracing.spans).includes("secret"));
  });
}

test("a call without an answer: the code of the error, and the error is thrown", async () => {
  const tracing = recordingTracing();
  const failure = Object.assign(new Error("connect secret"), { code: "ECONNREFUSED" });
  await assert.rejects(
    traceCall(tracing, request, ids, async () => Promise.reject(failure)),
    failure,
  );
  assert.equal(tracing.spans[0]?.attributes["error.type"], "ECONNREFUSED");
  assert.ok(!JSON.stringify(tracing.spans).includes("secret"));
});
