import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ServiceBusMessage, ServiceBusReceivedMessage } from "@azure/service-bus";
import { loadApp } from "../../local/functions-host/app/load-app.ts";
import { createClientBinding } from "../../local/functions-host/http/client-binding.ts";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// One trace from the request's message to the completion's message, in the app as it is built.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack();
});
after(() => stack.stop());

const newTrace = () => `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;

/** Sends a message, and returns the completion of its request. */
async function completionOf(message: ServiceBusMessage, requestId: string): Promise<ServiceBusReceivedMessage> {
  await stack.send(message);
  return eventually("the completion", () => stack.received.find(({ body }) => body.data.requestId === requestId));
}
const tracesIn = ({ body, applicationProperties: properties }: ServiceBusReceivedMessage) => [
  body.traceparent,
  properties?.["traceparent"],
  properties?.["Diagnostic-Id"],
];

for (const property of ["Diagnostic-Id", "traceparent"]) {
  test(`a trace in the property ${property} comes back in the event and in its message`, async () => {
    const trace = newTrace();
    const event = sampleEvent((sample) => delete sample["traceparent"]);
    const completion = await completionOf(structured(event, { applicationProperties: { [property]: trace } }), event.id);
    assert.deepEqual(tracesIn(completion), [trace, trace, trace]);
  });
}

test("the envelope's trace wins", async () => {
  const trace = newTrace();
  const event = sampleEvent((sample) => Object.assign(sample, { traceparent: trace }));
  const completion = await completionOf(structured(event, { applicationProperties: { "Diagnostic-Id": newTrace() } }), event.id);
  assert.deepEqual(tracesIn(completion), [trace, trace, trace]);
});

test("the answer of a message that cannot be read carries its trace, and so does the copy in quarantine", async () => {
  const trace = newTrace();
  const message = { ...structured({}), body: Buffer.from("{"), messageId: "unreadable-with-a-trace" };
  const completion = await completionOf({ ...message, applicationProperties: { "Diagnostic-Id": trace } }, message.messageId);
  assert.deepEqual(tracesIn(completion), [trace, trace, trace]);
  const quarantine = stack.client.createReceiver("vpn-connection-requests-quarantine");
  const kept = await eventually("the copy", async () =>
    (await quarantine.peekMessages(10)).find(({ messageId }) => messageId === message.messageId),
  );
  assert.equal(kept.applicationProperties?.["Diagnostic-Id"], trace);
});

test("the start of an instance carries the trace of the invocation, each its own", async () => {
  Object.assign(process.env, {
    ServiceBus: stack.stack.endpoints.serviceBus,
    SEALING_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64") }),
  });
  const app = await loadApp(join(import.meta.dirname, "..", "..", "dist"));
  const durable = await startRecordingClient();
  const receive = app.functions.find(({ name }) => name === "receiveRequest") ?? assert.fail("the app has no receiveRequest");
  const traces = Array.from({ length: 5 }, newTrace);
  const ids = await Promise.all(
    traces.map(async (traceParent) => {
      const event = sampleEvent();
      const triggerMetadata = { MessageId: { string: event.id }, ContentType: { string: "application/cloudevents+json" } };
      const trigger = { bytes: Buffer.from(JSON.stringify(event)) };
      await app.invoke(receive, { trigger, triggerMetadata, traceParent, durableClient: createClientBinding(durable.url, "Test") });
      return event.id;
    }),
  );
  durable.close();
  assert.deepEqual(
    ids.map((id) => durable.started.get(id)),
    traces,
  );
});

/**
 * The host's side of the durable client: it takes each start, and shows its claim as open from then
 * on.
 */
async function startRecordingClient() {
  const started = new Map<string, string | undefined>();
  const claims = new Map<string, object>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const [, , what, , id = ""] = (incoming.url ?? "").split(/[/?]/);
    const respond = (status: number, body: unknown = {}) =>
      outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (what === "orchestrators") {
      const input = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      started.set(input.requestId, incoming.headers["traceparent"] as string | undefined);
      claims.set(id, { fingerprints: input.fingerprints, completion: null, sent: false, cancelled: false });
      return respond(202, { id });
    }
    const claim = what === "entities" ? claims.get(id) : undefined;
    return claim ? respond(200, claim) : respond(404);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    started,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
