import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createSpanExporter } from "../../azure/span-exporter.ts";
import type { SpanRecord } from "../../shared/tracing/span.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";

const record: SpanRecord = {
  name: "GET vpnGateways",
  kind: "client",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "00f067aa0ba902b7",
  startedAt: Date.parse("2026-03-01T08:00:00.123Z"),
  endedAt: Date.parse("2026-03-01T08:00:01.456Z"),
  attributes: { "http.response.status_code": 503, "error.type": "503", "url.full": "https://signed", secret: "s3cr3t" },
  events: [{ name: "poll", at: Date.parse("2026-03-01T08:00:01.000Z"), attributes: { "azure.client.request_id": "q", other: "s3cr3t" } }],
  failed: true,
};
const root: SpanRecord = { ...record, name: "provision a/b", kind: "internal", spanId: "1".repeat(16), parentSpanId: null, failed: false };
const variables = ["ENDPOINT", "HEADERS"].map((name) => `OTEL_EXPORTER_OTLP_${name}`);
after(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) delete process.env[name];
});

test("a span is sent with its own ids and times, its parent, and only the attributes that are allowed", async () => {
  const receiver = await startOtlpReceiver();
  Object.assign(process.env, {
    [variables[0] ?? ""]: receiver.url,
    [variables[1] ?? ""]: "x-key=abc%20def",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
  });
  const send = await createSpanExporter();
  await send([record, root]);
  receiver.close();
  const [span, whole] = receiver.spans();
  assert.ok(span && whole);
  assert.deepEqual(
    { ...span },
    {
      ...record,
      attributes: { "http.response.status_code": 503, "error.type": "503" },
      events: [{ name: "poll", at: Date.parse("2026-03-01T08:00:01.000Z"), attributes: { "azure.client.request_id": "q" } }],
      resource: { "service.name": "vpn-connection-provisioner", "deployment.environment": "test" },
    },
  );
  assert.deepEqual([whole.spanId, whole.parentSpanId, whole.failed], [root.spanId, null, false]);
  assert.ok(!receiver.bodies.join("").includes("s3cr3t"));
  assert.ok(receiver.headers.some(([name, value]) => name === "x-key" && value === "abc def"));
});

test("OTEL_SERVICE_NAME names the service", async () => {
  const receiver = await startOtlpReceiver();
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: "branches" });
  await (await createSpanExporter())([record]);
  receiver.close();
  assert.equal(receiver.spans()[0]?.resource["service.name"], "branches");
});

test("a part of all traces: whole traces or nothing of them, whatever the parent's flags are", async () => {
  const receiver = await startOtlpReceiver();
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: "0.5" });
  process.env["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio";
  const send = await createSpanExporter();
  const traces = Array.from({ length: 100 }, (_, index) => (0x9e3779b1 * (index + 1)).toString(16).padStart(32, "a").slice(-32));
  await send(
    traces.flatMap((traceId) => [
      { ...record, traceId },
      { ...root, traceId },
    ]),
  );
  receiver.close();
  const sent = receiver.spans().map(({ traceId }) => traceId);
  const counts = traces.map((traceId) => sent.filter((each) => each === traceId).length);
  assert.ok(counts.every((count) => count === 0 || count === 2));
  assert.ok(sent.length > 40 && sent.length < 160, `${sent.length} of 200`);
});

for (const [name, status, body] of [
  ["500", 500, "secret text"],
  ["400", 400, "{}"],
] as const) {
  test(`a receiver that answers ${name}: sending fails`, async () => {
    const receiver = await startOtlpReceiver((response) => response.writeHead(status).end(body));
    Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: "always_on" });
    const send = await createSpanExporter();
    await assert.rejects(send([record]), (error) => (error as { code?: unknown }).code === status);
    receiver.close();
  });
}
