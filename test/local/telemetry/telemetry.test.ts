import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnswerTrace, startTelemetry } from "../../../local/telemetry/index.ts";
import { waterfallOf } from "../../../local/telemetry/waterfall.ts";

const nano = (milliseconds: number) => `${milliseconds}000000`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const traceId = "0af7651916cd43dd8448eb211c80319c";
const rootId = "1".repeat(16);
const begin = 1_770_000_000_000;
const span = (spanId: string, name: string, from: number, to: number, more: object = {}) => ({
  traceId,
  spanId,
  parentSpanId: rootId,
  name,
  kind: 1,
  startTimeUnixNano: nano(begin + from),
  endTimeUnixNano: nano(begin + to),
  attributes: [],
  ...more,
});
const whole = span(rootId, "provision gw/branch", 0, 4_000, {
  parentSpanId: "b7ad6b7169203331",
  attributes: [text("vpn.instance_id", "vpn-1"), text("vpn.outcome", "Succeeded"), { key: "vpn.polls", value: { intValue: "3" } }],
});
const exported = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] });

async function withTelemetry(use: (call: (path: string, body?: string) => Promise<Response>, answers: AnswerTrace[]) => Promise<void>) {
  const answers: AnswerTrace[] = [];
  const telemetry = await startTelemetry((trace) => answers.push(trace));
  const call = (path: string, body?: string) => fetch(telemetry.url + path, body === undefined ? {} : { method: "POST", body });
  await use(call, answers).finally(() => telemetry.close());
}

test("the trace of an answer is reported once, with its phases, also if it comes twice", () =>
  withTelemetry(async (call, answers) => {
    const phases = [span("2".repeat(16), "validate", 0, 1_000), span("3".repeat(16), "wait for Azure", 1_000, 4_000)];
    const call1 = span("4".repeat(16), "GET operations", 2_000, 2_010, { kind: 3 });
    for (let times = 0; times < 2; times++) assert.equal((await call("/v1/traces", exported(whole, ...phases, call1))).status, 200);
    assert.equal(answers.length, 1);
    const [answer] = answers;
    assert.ok(answer);
    assert.deepEqual(waterfallOf(answer).split("\n"), [
      `provision gw/branch: Succeeded after 4.000 s (vpn-1, trace ${traceId})`,
      `  validate               1.000 s  ${"█".repeat(10)}`,
      `  wait for Azure         3.000 s  ${" ".repeat(10)}${"█".repeat(30)}`,
    ]);
  }));

test("all spans of an instance can be read, in the order of their start, each once", () =>
  withTelemetry(async (call) => {
    await call("/v1/traces", exported(span("4".repeat(16), "GET operations", 2_000, 2_010, { kind: 3 }), whole));
    await call("/v1/traces", exported(whole));
    const read = (await (await call("/local/traces/vpn-1")).json()) as { name: string; kind: string; attributes: unknown }[];
    assert.deepEqual(
      read.map(({ name, kind }) => [name, kind]),
      [
        ["provision gw/branch", "internal"],
        ["GET operations", "client"],
      ],
    );
    assert.deepEqual(read[0]?.attributes, { "vpn.instance_id": "vpn-1", "vpn.outcome": "Succeeded", "vpn.polls": 3 });
    assert.equal((await call("/local/traces/vpn-2")).status, 404);
  }));

test("what is no OTLP as JSON is refused, and the receiver goes on", () =>
  withTelemetry(async (call, answers) => {
    for (const body of ["", "\u0000\u0001", "{}", '{"resourceSpans":[{}]}']) assert.equal((await call("/v1/traces", body)).status, 400);
    assert.equal((await call("/")).status, 404);
    assert.equal((await call("/v1/traces", exported(whole))).status, 200);
    assert.equal(answers.length, 1);
  }));
