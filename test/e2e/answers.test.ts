import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ServiceBusMessage, ServiceBusReceivedMessage } from "@azure/service-bus";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// What a requester is told, whatever the message was and however the change ended. Product time
// runs 20 times as fast.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 20 });
});
after(() => stack.stop());

/** Sends a message and waits for the one event about it. */
async function answerTo(message: ServiceBusMessage, requestId: unknown): Promise<ServiceBusReceivedMessage> {
  await stack.send(message);
  return eventually(`the answer to ${requestId}`, () => stack.received.find(({ body }) => body.data.requestId === requestId));
}

/** The sample for a gateway and connection of its own, so that tests do not wait for each other. */
function requestFor(gateway: number, change: Parameters<typeof sampleEvent>[0] = () => {}) {
  return sampleEvent((event) => {
    event.data.target.gatewayName = `gateway${gateway}`;
    event.data.target.connectionName = `connection${gateway}`;
    change(event);
  });
}

const quarantined = async () => {
  const receiver = stack.client.createReceiver("vpn-connection-requests-quarantine", { skipParsingBodyAsJson: true });
  const messages = await receiver.peekMessages(100);
  await receiver.close();
  return messages;
};

const hostile: readonly (readonly [name: string, body: string | Buffer])[] = [
  ["an empty body", ""],
  ["invalid JSON", '{"specversion": "1.0", '],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ["an array", "[1, 2, 3]"],
  ["a duplicated key", '{"target": {"a": 1, "a": 2}}'],
  ["deep nesting", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
  ["250 KB of junk", Buffer.alloc(250_000, "x")],
];
for (const [name, body] of hostile) {
  test(`${name} is answered under its message id and kept as it came`, async () => {
    const messageId = randomUUID();
    const { body: event } = await answerTo({ body: Buffer.from(body), messageId }, messageId);
    assert.equal(event.data.outcome, "Rejected");
    assert.equal(event.data.problem.code, "UnreadableMessage");
    assert.equal(event.data.problem.actor, "requester");
    // It is answered first and kept after that.
    const kept = await eventually("its copy in quarantine", async () =>
      (await quarantined()).find((message) => message.messageId === messageId),
    );
    assert.deepEqual(Buffer.from(kept.body), Buffer.from(body));
    assert.equal(kept.subject, "UnreadableMessage");
    assert.equal(kept.applicationProperties?.["queue"], "vpn-connection-requests");
  });
}

test("a body of which the quarantine queue could not take a copy is answered, and kept by its size and hash", async () => {
  const messageId = randomUUID();
  const body = Buffer.alloc(262_000, "x");
  const { body: event } = await answerTo({ body, messageId, contentType: "text/plain" }, messageId);
  assert.equal(event.data.problem.code, "UnreadableMessage");
  const kept = await eventually("its reference in quarantine", async () =>
    (await quarantined()).find((message) => message.messageId === messageId),
  );
  const { size, sha256 } = kept.applicationProperties ?? {};
  assert.deepEqual([kept.body?.length ?? 0, size, sha256], [0, "262000", createHash("sha256").update(body).digest("hex")]);
});

const wrong: readonly (readonly [name: string, change: Parameters<typeof sampleEvent>[0], target: string, code: string])[] = [
  ["an unknown key", (event) => Object.assign(event.data, { priority: 1 }), "/data/priority", "UnknownField"],
  ["a missing field", (event) => Reflect.deleteProperty(event.data.target, "gatewayName"), "/data/target/gatewayName", "MissingField"],
  [
    "numbers as text",
    (event) => Object.assign(event.data.connection.properties, { routingWeight: "7" }),
    "/data/connection/properties/routingWeight",
    "InvalidType",
  ],
  [
    "a key of a wrong type",
    (event) => Object.assign(event.data.connection.properties, { sharedKey: 1234567890 }),
    "/data/connection/properties/sharedKey",
    "InvalidType",
  ],
  [
    "pollution of prototypes",
    (event) => Object.assign(event.data, JSON.parse('{"constructor": {"prototype": {}}}')),
    "/data/constructor",
    "UnknownField",
  ],
  ["a mode nobody knows", (event) => Object.assign(event.data, { mode: "maybe" }), "/data/mode", "InvalidValue"],
];
for (const [name, change, target, code] of wrong) {
  test(`${name} is rejected with its place`, async () => {
    const event = sampleEvent(change);
    const { body } = await answerTo(structured(event), event.id);
    assert.equal(body.data.outcome, "Rejected");
    assert.deepEqual(
      body.data.problem.details
        .filter(({ severity }: { severity: string }) => severity === "error")
        .map((finding: { target: string; code: string }) => [finding.target, finding.code]),
      [[target, code]],
    );
    assert.deepEqual(body.data.ticket, event.data.ticket);
  });
}

test("another version is rejected by name", async () => {
  const event = sampleEvent((sample) => Object.assign(sample, { type: "vpn-connection.provision.requested.v2" }));
  const { body } = await answerTo(structured(event), event.id);
  assert.equal(body.data.problem.code, "UnsupportedVersion");
});

test("a bare body is answered under its message id", async () => {
  const messageId = randomUUID();
  const { body } = await answerTo({ body: requestFor(2).data, messageId, contentType: "application/json" }, messageId);
  assert.equal(body.data.outcome, "Succeeded");
  assert.equal(body.data.requestSource, "/service-bus/vpn-connection-requests");
});

for (const prefix of ["cloudEvents_", "cloudEvents:"]) {
  test(`an event in binary mode (${prefix}) is understood`, async () => {
    const { data, datacontenttype, ...attributes } = requestFor(prefix.endsWith("_") ? 3 : 4);
    const applicationProperties = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prefix + name, String(value)]));
    const { body } = await answerTo(
      { body: Buffer.from(JSON.stringify(data)), contentType: String(datacontenttype), applicationProperties },
      attributes.id,
    );
    assert.equal(body.data.outcome, "Succeeded");
    assert.equal(body.data.requestSource, attributes.source);
  });
}

test("places in the answers to a bare body and to an event in binary mode", async () => {
  const { data, ...attributes } = sampleEvent((event) => Object.assign(event.data, { mode: "maybe" }));
  const json = { body: Buffer.from(JSON.stringify(data)), contentType: "application/json" };
  const applicationProperties = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`cloudEvents_${name}`, String(value)]),
  );
  const messageId = randomUUID();
  for (const [message, id, target] of [
    [{ ...json, messageId }, messageId, "/mode"],
    [{ ...json, applicationProperties }, attributes.id, "/data/mode"],
  ] as const) {
    const { body } = await answerTo(message, id);
    const [finding] = body.data.problem.details.filter(({ severity }: { severity: string }) => severity === "error");
    assert.deepEqual([finding.target, finding.message], [target, 'mode must be one of apply, plan. Found "maybe".']);
  }
});

test("a ticket comes back digit for digit", async () => {
  const replyToSessionId = randomUUID();
  const text = JSON.stringify(requestFor(5)).replace('"RITM0012345"', '"RITM0012345","number":12345678901234567890.10');
  await stack.send({ body: Buffer.from(text), contentType: "application/cloudevents+json", replyToSessionId });
  // The client would round the number when it parses the event.
  const receiver = await stack.client.acceptSession("vpn-connection-events", "replies", replyToSessionId, { skipParsingBodyAsJson: true });
  const [reply] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  assert.match(String(reply?.body), /"number":12345678901234567890\.10[,}]/);
  await receiver.close();
});

test("an operation that fails is told with what Azure said", async () => {
  const error = { code: "InvalidSomething", message: "It does not work.", details: [{ code: "Inner", message: "because" }] };
  await stack.azure("POST", "/local/faults", { connection: "connection6", on: "put", operation: { end: "Failed", error } });
  const event = requestFor(6);
  const { body, applicationProperties } = await answerTo(structured(event), event.id);
  assert.equal(body.data.outcome, "Failed");
  assert.equal(body.data.problem.code, "OperationFailed");
  assert.deepEqual(body.data.problem.arm, { status: 200, ...error });
  assert.equal(applicationProperties?.["problemCode"], "OperationFailed");
});

const table = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/virtualHubs/hub1/hubRouteTables/nowhere";
const lacking: readonly (readonly [name: string, change: Parameters<typeof sampleEvent>[0], target: string, code: string])[] = [
  [
    "an unknown gateway",
    (sample) => Object.assign(sample.data.target, { gatewayName: "nowhere" }),
    "/data/target/gatewayName",
    "GatewayMissing",
  ],
  [
    "a site with links and no link connections",
    (sample) => Reflect.deleteProperty(sample.data.connection.properties, "vpnLinkConnections"),
    "/data/connection/properties/vpnLinkConnections",
    "LinkConnectionRequired",
  ],
  [
    "a route table that is not there",
    (sample) =>
      Object.assign(sample.data.connection.properties, { routingConfiguration: { propagatedRouteTables: { ids: [{ id: table }] } } }),
    "/data/connection/properties/routingConfiguration/propagatedRouteTables/ids/0/id",
    "RouteTableMissing",
  ],
];
for (const [name, change, target, code] of lacking) {
  test(`${name}: rejected before anything is written`, async () => {
    const event = requestFor(7, change);
    const { body } = await answerTo(structured(event), event.id);
    assert.deepEqual([body.data.outcome, body.data.problem.code], ["Rejected", "InvalidRequest"]);
    const errors = body.data.problem.details.filter(({ severity }: { severity: string }) => severity === "error");
    assert.deepEqual(
      errors.map((finding: { target: string; code: string }) => [finding.target, finding.code]),
      [[target, code]],
    );
    assert.ok((await stack.seen()).every(({ method, url }) => method !== "PUT" || !url.includes("/connection7")));
  });
}

test("a PUT that is refused is told at once, without a second try", async () => {
  const respond = { status: 400, body: { error: { code: "InvalidParameter", message: "no" } } };
  await stack.azure("POST", "/local/faults", { connection: "connection8", on: "put", times: "always", respond });
  const event = requestFor(8);
  const { body } = await answerTo(structured(event), event.id);
  assert.deepEqual([body.data.outcome, body.data.problem.code, body.data.problem.arm.status], ["Failed", "RequestRefused", 400]);
  const puts = (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes("connection8"));
  assert.equal(puts.length, 1);
});

test("a busy gateway is waited for: two requests for one gateway both succeed, and Azure never works on both", async () => {
  const events = [1, 2].map((number) => requestFor(9, (sample) => Object.assign(sample.data.target, { connectionName: `busy${number}` })));
  await Promise.all(events.map((event) => stack.send(structured(event))));
  for (const event of events) {
    const { body } = await eventually(
      "the answer",
      () => stack.received.find((message) => message.body.data.requestId === event.id),
      30_000,
    );
    assert.equal(body.data.outcome, "Succeeded");
  }
});

test("throttling is waited out for as long as it says, in one PUT that counts", async () => {
  const respond = { status: 429, headers: { "retry-after": "7" }, body: { error: { code: "TooManyRequests", message: "wait" } } };
  await stack.azure("POST", "/local/faults", { connection: "connection10", on: "put", times: 2, respond });
  const event = requestFor(10);
  const { body } = await answerTo(structured(event), event.id);
  assert.equal(body.data.outcome, "Succeeded");
  const puts = (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes("connection10"));
  assert.deepEqual(
    puts.map(({ status }) => status),
    [429, 429, 201],
  );
  for (const [index, put] of puts.slice(1).entries()) assert.ok(put.at - (puts[index]?.at ?? 0) >= 7_000);
});

test("a PUT whose answer is lost is not sent again", async () => {
  await stack.azure("POST", "/local/faults", { connection: "connection11", on: "put", reset: "after" });
  const event = requestFor(11);
  const { body } = await answerTo(structured(event), event.id);
  assert.deepEqual([body.data.outcome, body.data.change], ["Succeeded", "Created"]);
  assert.equal((await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes("connection11")).length, 1);
});

test("the same connection without a key is not written again", async () => {
  const withoutKey: Parameters<typeof sampleEvent>[0] = (sample) =>
    Reflect.deleteProperty(sample.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, "sharedKey");
  for (const change of ["Created", "Unchanged"]) {
    const event = requestFor(12, withoutKey);
    const { body } = await answerTo(structured(event), event.id);
    assert.deepEqual([body.data.outcome, body.data.change], ["Succeeded", change]);
  }
  assert.equal((await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes("connection12")).length, 1);
});

test("a repeated request gets its stored answer again, and another payload under its id is refused", async () => {
  const event = requestFor(13);
  const first = await answerTo(structured(event), event.id);
  await stack.send(structured(event));
  const again = await eventually("the answer again", () =>
    stack.received.find((message) => String(message.messageId).startsWith(`${first.messageId}.r`)),
  );
  assert.deepEqual(again.body, first.body);
  await stack.send(structured({ ...event, data: { ...event.data, deadlineMinutes: 30 } }));
  const conflict = await eventually("the refusal", () =>
    stack.received.find(({ body }) => body.data.requestId === event.id && body.data.problem?.code === "RequestIdConflict"),
  );
  assert.notEqual(conflict.body.id, first.body.id);
});

test("an answer goes to the session that asked for it", async () => {
  const event = requestFor(14);
  const replyToSessionId = randomUUID();
  await stack.send(structured(event, { replyToSessionId }));
  const receiver = await stack.client.acceptSession("vpn-connection-events", "replies", replyToSessionId);
  const [reply] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  assert.equal(reply?.body.data.requestId, event.id);
  await receiver.completeMessage(reply as ServiceBusReceivedMessage);
  await receiver.close();
});

test("an answer for a session that Service Bus does not take goes to all subscribers of events, with a warning", async () => {
  const event = requestFor(17);
  await stack.send(structured(event, { replyToSessionId: "s".repeat(129) }));
  const answer = await eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === event.id));
  assert.equal(answer.body.data.outcome, "Succeeded");
  assert.equal(answer.sessionId, undefined);
  assert.ok(answer.body.data.warnings.some(({ code }: { code: string }) => code === "ReplySessionIgnored"));
});

test("a trace context that is none does not keep a request from its answer", async () => {
  for (const [length, outcome] of [
    [20_000, "Succeeded"],
    [250_000, "Rejected"],
  ] as const) {
    const traceparent = "x".repeat(length);
    const event = requestFor(18, (sample) => Object.assign(sample, { traceparent }));
    const { body } = await answerTo(structured(event), event.id);
    assert.equal(body.data.outcome, outcome);
    assert.notEqual(body.traceparent, traceparent);
  }
});

test("no secret leaves the app: not in events, status, log, store or anything on disk, though Azure echoes it", async () => {
  const secret = `canary-${randomUUID()}`;
  for (const on of ["put", "get"])
    await stack.azure("POST", "/local/faults", { connection: "connection15", on, times: "always", echoSharedKey: true });
  const event = requestFor(15, (sample) =>
    Object.assign(sample.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, { sharedKey: secret }),
  );
  await answerTo(structured(event), event.id);
  const put = (await stack.seen()).find(({ method, url }) => method === "PUT" && url.includes("connection15"));
  assert.ok(JSON.stringify(put?.body).includes(secret), "Azure got the key");

  const error = { code: "Echo", message: `the key ${secret} is bad`, details: [] };
  await stack.azure("POST", "/local/faults", { connection: "connection16", on: "put", operation: { end: "Failed", error } });
  const failing = requestFor(16, (sample) =>
    Object.assign(sample.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, { sharedKey: secret }),
  );
  const failed = await answerTo(structured(failing), failing.id);
  assert.equal(failed.body.data.problem.code, "OperationFailed");

  const status = await fetch(`${stack.stack.endpoints.functionsHost}/runtime/webhooks/durabletask/instances?showInput=true`);
  const places = {
    events: JSON.stringify(stack.received.map(({ body, applicationProperties }) => [body, applicationProperties])),
    status: await status.text(),
    log: stack.lines.join("\n"),
    ...Object.fromEntries(readdirSync(stack.dataDirectory).map((file) => [file, readFileSync(join(stack.dataDirectory, file), "latin1")])),
  };
  assert.ok(places.status.includes(event.id));
  for (const [place, text] of Object.entries(places)) assert.ok(!text.includes(secret), `the key stands in ${place}`);
});
