import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { ReceivedSpan } from "../../local/telemetry/otlp.ts";
import type { CompletionEvent } from "../../shared/contract/completion.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { spansOfAnswer } from "../../shared/tracing/answer-spans.ts";
import { eventually } from "../support/eventually.ts";
import { marksIn, newMark } from "../support/marks.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { call, startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// One request is one trace, as a receiver of OTLP gets it from the app in its host.

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  receiver = await startOtlpReceiver();
  stack = await startTestStack({ speed: 3, settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
});
after(async () => {
  await stack.stop();
  receiver.close();
});

const newTrace = (flags: string) => `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-${flags}`;

type Change = NonNullable<Parameters<typeof sampleEvent>[0]>;
const requestFor = (name: string, gateway: number, change: Change = () => {}) =>
  sampleEvent((event) => {
    Object.assign(event.data.target, { gatewayName: `gateway${gateway}`, connectionName: name });
    change(event);
  });
const answerTo = (event: { readonly id: string }) =>
  eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === event.id));

/** All spans of a request so far: those of its trace. A span that came twice is there twice. */
function spansOf(answer: ServiceBusReceivedMessage): ReceivedSpan[] {
  const instanceId = (answer.body as CompletionEvent).id.replace(".completed", "");
  const whole = receiver.spans().find(({ name, attributes }) => /^provision/.test(name) && attributes["vpn.instance_id"] === instanceId);
  return receiver.spans().filter(({ traceId }) => traceId === whole?.traceId);
}
const phaseNames = ["wait for delivery", "validate", "wait for gateway", "put", "wait for Azure", "verify", "publish"];

/** Waits until the tree of an answer has come, and compares it with the answer's timing. */
async function treeOf(answer: ServiceBusReceivedMessage) {
  const { timing } = (answer.body as CompletionEvent).data;
  const tree = await eventually("the tree", () => {
    const spans = spansOf(answer);
    return spans.filter(({ name }) => name === "publish").length > 0 && spans.filter(({ kind }) => kind === "internal");
  });
  const whole = tree.find(({ name }) => name.startsWith("provision ")) ?? assert.fail("no span of the whole request");
  const lengthOf = (name: string) => {
    const { startedAt, endedAt } = tree.find((span) => span.name === name) ?? assert.fail(name);
    return endedAt - startedAt;
  };
  const between = (from: string | null | undefined, to: string | null | undefined) => Date.parse(to ?? "") - Date.parse(from ?? "");
  const lengths: readonly (readonly [string, number])[] = [
    ["wait for delivery", between(timing.receivedAt, timing.startedAt)],
    ["validate", between(timing.startedAt, timing.validatedAt)],
    ["wait for gateway", between(timing.validatedAt, timing.leaseGrantedAt)],
    ["put", between(timing.leaseGrantedAt, timing.submittedAt)],
    ["wait for Azure", between(timing.submittedAt, timing.provisionedAt)],
    ["verify", between(timing.provisionedAt, timing.completedAt)],
  ];
  for (const [name, length] of lengths) assert.ok(Math.abs(lengthOf(name) - length) <= 5, `${name}: ${lengthOf(name)} and ${length} ms`);
  for (const span of tree.filter(({ name }) => phaseNames.includes(name))) {
    assert.equal(span.parentSpanId, whole.spanId);
    assert.ok(span.startedAt >= whole.startedAt && span.endedAt <= whole.endedAt, `${span.name} is inside`);
  }
  return { whole, tree };
}

for (const flags of ["01", "00"]) {
  test(`a request with a trace context (flags ${flags}): every span is in its trace, and below it`, async () => {
    const trace = newTrace(flags);
    const [, traceId, parentSpanId] = trace.split("-");
    const event = requestFor(`given${flags}`, 1, (sample) => Object.assign(sample, { traceparent: trace }));
    await stack.send(structured(event));
    const answer = await answerTo(event);
    const { whole, tree } = await treeOf(answer);
    assert.deepEqual([whole.traceId, whole.parentSpanId], [traceId, parentSpanId]);
    assert.equal(whole.name, `provision gateway1/given${flags}`);
    assert.deepEqual(tree.map(({ name }) => name).slice(1), phaseNames);
    const names = await eventually("the live spans", () => {
      const live = spansOf(answer).filter(({ kind }) => kind !== "internal");
      return live.some(({ name }) => name.startsWith("send ")) && live.map(({ name }) => name);
    });
    const { polls } = (answer.body as CompletionEvent).data.timing;
    assert.equal(names.filter((name) => name === "GET operations").length, polls);
    for (const name of ["process vpn-connection-requests", "GET vpnConnections", "PUT vpnConnections", "send vpn-connection-events"])
      assert.ok(names.includes(name), `${name} in ${names}`);
    const instanceId = instanceIdOf(event.source, event.id);
    const elsewhere = receiver
      .spans()
      .filter(
        (span) => span.attributes["vpn.arm.correlation_id"] === whole.attributes["vpn.arm.correlation_id"] && span.traceId !== traceId,
      );
    assert.deepEqual(elsewhere, [], instanceId);
  });
}

test("a request without a trace context has one trace too, that of the invocation which received it", async () => {
  const event = requestFor("invocation", 2, (sample) => delete sample["traceparent"]);
  await stack.send(structured(event));
  const answer = await answerTo(event);
  const { whole } = await treeOf(answer);
  const { traceparent = "" } = answer.body as CompletionEvent;
  assert.deepEqual([whole.traceId, whole.parentSpanId], traceparent.split("-").slice(1, 3));
  const live = spansOf(answer).filter(({ kind }) => kind === "client");
  assert.ok(live.length >= 4);
  assert.deepEqual([...new Set(live.map(({ parentSpanId }) => parentSpanId))], [whole.parentSpanId]);
});

test("a repeated request gets its answer again, and no second tree", async () => {
  const event = requestFor("again", 3);
  await stack.send(structured(event));
  const answer = await answerTo(event);
  await treeOf(answer);
  await stack.send(structured(event));
  await eventually("the answer again", () => stack.received.filter(({ body }) => body.data.requestId === event.id).length === 2);
  await eventually("the span of sending it again", () => spansOf(answer).filter(({ name }) => name.startsWith("send ")).length === 2);
  assert.equal(spansOf(answer).filter(({ name }) => name === "publish").length, 1);
});

test("no operation URL, token, name of a secret or key is in what is sent", async () => {
  const { keyVault, caFile } = stack.stack.endpoints;
  const ca = readFileSync(String(caFile));
  const inline = `${newMark()}${newMark()}`.slice(0, 40);
  const kept = `${newMark()}${newMark()}`.slice(0, 40);
  const name = `vpn-${newMark()}`;
  const { body } = await call(String(keyVault), "PUT", `/local/secrets/${name}`, { value: kept }, ca);
  await stack.azure("POST", "/local/faults", [
    { connection: "*", on: "get", times: "always", echoSharedKey: true },
    { connection: "vaulted", on: "put", respond: { status: 429, body: { error: { code: kept, message: kept } } } },
  ]);
  const withKey = (sharedKey: unknown) => (event: Parameters<Change>[0]) =>
    void Object.assign(event.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, { sharedKey });
  const events = [
    requestFor("inline", 4, withKey(inline)),
    requestFor("vaulted", 5, withKey({ keyVaultSecretUri: (body as { id: string }).id })),
  ];
  for (const event of events) await stack.send(structured(event));
  const answers = await Promise.all(events.map(answerTo));
  for (const answer of answers) await treeOf(answer);
  const secret = receiver.spans().find(({ name: shown }) => shown === "get secret") ?? assert.fail("no span of the vault");
  assert.equal(secret.attributes["http.response.status_code"], 200);
  const sent = receiver.bodies.join("\n");
  assert.deepEqual(marksIn(sent, [inline, kept, name]), []);
  const urls = (await stack.seen()).filter(({ url }) => url.includes("/operations/")).map(({ url }) => url);
  assert.ok(urls.length > 0);
  for (const url of urls) {
    const { pathname, search } = new URL(url, "https://localhost");
    assert.ok(!sent.includes(pathname) && (search.length < 12 || !sent.includes(search.slice(1))), url);
  }
  assert.doesNotMatch(sent, /bearer|eyJ[\w-]{10}|sig=/i);
  const names = new Set(
    receiver.spans().flatMap(({ attributes, events: own }) => [attributes, ...own.map((one) => one.attributes)].flatMap(Object.keys)),
  );
  assert.ok(!names.has("url.full"));
});

for (const [gateway, step] of ["received", "validated", "polled", "verified", "published"].entries()) {
  test(`the host is killed right after "${step}": one tree, with equal ids`, async () => {
    const event = requestFor(`killed-${step}`, 10 + gateway);
    await stack.send(structured(event));
    const instanceId = instanceIdOf(event.source, event.id);
    await eventually(step, () => stack.steps.find((seen) => seen.step === step && seen["instanceId"] === instanceId));
    const pid = stack.stack.hostPid();
    process.kill(pid, "SIGKILL");
    await eventually("the host is back", () => stack.stack.hostPid() !== pid);
    const answer = await answerTo(event);
    const { tree } = await treeOf(answer);
    const expected = spansOfAnswer({ event: answer.body as CompletionEvent }, Date.now());
    assert.deepEqual(new Set(tree.map(({ spanId }) => spanId)), new Set(expected.map(({ spanId }) => spanId)));
    assert.equal(new Set(tree.map(({ traceId }) => traceId)).size, 1);
  });
}
