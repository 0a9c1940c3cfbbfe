import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import type { Timer } from "@azure/functions";
import { ServiceBusClient } from "@azure/service-bus";
import { createDeadLetters } from "../../../azure/dead-letters.ts";
import { takeDeadLetters } from "../../../functions/upkeep/take-dead-letters.ts";
import { startServiceBus } from "../../../local/service-bus/index.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../../shared/durable/request.ts";
import { receivingOf } from "../../support/receiving.ts";
import { sampleEvent, structured } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

// Dead letters of every kind, through the real client and the local broker.

const queue = "vpn-connection-requests";
const hub = await startTaskHub();
let broker: Awaited<ReturnType<typeof startServiceBus>>;
let client: ServiceBusClient;
before(async () => {
  broker = await startServiceBus({
    port: 0,
    configFile: join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json"),
  });
  client = new ServiceBusClient(broker.connectionString);
});
afterEach(() => {
  for (const noted of [hub.started, hub.logged]) noted.length = 0;
});
after(async () => {
  await client.close();
  await Promise.all([broker.close(), hub.close()]);
});

/** Makes dead letters of messages; returns when the queue had the first of them. */
async function bury(...messages: readonly object[]): Promise<Date | undefined> {
  const sender = client.createSender(queue);
  for (const message of messages) await sender.sendMessages(message as never);
  const receiver = client.createReceiver(queue);
  const received = await receiver.receiveMessages(messages.length, { maxWaitTimeInMs: 5_000 });
  for (const message of received) await receiver.deadLetterMessage(message);
  await Promise.all([sender.close(), receiver.close()]);
  assert.equal(received.length, messages.length);
  return received[0]?.enqueuedTimeUtc;
}

async function round(world: ReturnType<typeof receivingOf>): Promise<void> {
  const receiving = { ...world.receiving, queues: new Map([[queue, ""]]), deadLetters: createDeadLetters(async () => client) };
  await takeDeadLetters(receiving)({} as Timer, hub.context());
}

/** The ids of the letters that are there; takes them away. */
async function leftBehind(): Promise<unknown[]> {
  const receiver = client.createReceiver(queue, { subQueueType: "deadLetter", receiveMode: "receiveAndDelete" });
  const letters = await receiver.receiveMessages(100, { maxWaitTimeInMs: 200 });
  await receiver.close();
  return letters.map(({ messageId }) => messageId);
}

const value = (body: unknown, messageId: string, more: object = {}) => ({ body, bodyType: "value", properties: { messageId, ...more } });

test("a letter that fails stays, and keeps no other one from being taken, however many there are", async () => {
  const letters = Array.from({ length: 20 }, () => structured(sampleEvent()));
  const poison = letters.slice(0, 9).map(({ messageId }) => messageId);
  await bury(...letters);
  const world = receivingOf();
  const { outbox } = world.receiving;
  const resubmit = outbox.resubmit.bind(outbox);
  outbox.resubmit = async (message, at) => {
    if (poison.includes(message.messageId)) throw new Error("poison");
    return resubmit(message, at);
  };
  await round(world);
  assert.equal(world.resubmitted.length, 11);
  assert.equal(hub.logged.filter(({ step }) => step === "deadLetterLeft").length, 9, "each once in a round");
  assert.deepEqual(new Set(await leftBehind()), new Set(poison));
});

test("a request in an AMQP value of text is carried out with its first arrival; its id arrives as it was sent", async () => {
  const body = JSON.stringify(sampleEvent().data);
  const enqueuedAt = await bury(value(body, "1000"));
  await round(receivingOf());
  const [{ id, name, input } = assert.fail("it was not carried out")] = hub.started;
  const { requestId, receivedAt, ticket } = input as ProvisioningRequest;
  assert.deepEqual([id, name, requestId], [instanceIdOf(`/service-bus/${queue}`, "1000"), "provisionVpnConnection", "1000"]);
  assert.equal(receivedAt, enqueuedAt?.toISOString());
  assert.equal(ticket, JSON.stringify(sampleEvent().data.ticket));
  assert.deepEqual(await leftBehind(), []);
});

test("one in an AMQP value of bytes looks like AMQP data to the client: it is sent again as such, which the trigger can read", async () => {
  const body = Buffer.from(JSON.stringify(sampleEvent().data));
  await bury(value(body, "bytes"));
  const world = receivingOf();
  await round(world);
  assert.deepEqual(world.resubmitted[0]?.message.body, body);
  assert.deepEqual(await leftBehind(), []);
});

test("any other body is answered as UnreadableMessage and kept as JSON, or as a reference if it is too large", async () => {
  for (const [message, kept] of [
    [value({ a: [1, true] }, "map"), '{"a":[1,true]}'],
    [value(12, "number"), "12"],
    [{ body: [[1, "x"]], bodyType: "sequence", properties: { messageId: "sequence" } }, undefined],
    [value(["x".repeat(200_000)], "large"), JSON.stringify(["x".repeat(200_000)])],
  ] as const) {
    await bury(message);
    const world = receivingOf();
    await round(world);
    const { completion } = (hub.started.splice(0)[0] ?? assert.fail("nobody was answered")).input as AnswerInput;
    const { requestId, problem } = completion.event.data;
    assert.deepEqual([requestId, problem?.code], [message.properties.messageId, "UnreadableMessage"]);
    assert.match(String(problem?.message), /^The body is an AMQP (value|sequence) section\. Send the JSON as AMQP data/);
    const text = Buffer.from(world.quarantined[0]?.body ?? []).toString();
    if (kept === undefined) assert.deepEqual(JSON.parse(text).flat(), [1, "x"]);
    else assert.equal(text, kept);
  }
  assert.deepEqual(await leftBehind(), []);
});

test("a letter that failed is taken in a later round, although nothing new came", async () => {
  await bury({ body: Buffer.from("not readable"), messageId: "again" });
  const world = receivingOf();
  world.broker.away = true;
  await round(world);
  assert.equal(hub.logged.filter(({ step }) => step === "deadLetterLeft").length, 1);
  await round(receivingOf());
  assert.deepEqual(await leftBehind(), []);
});

test("a message without any body is answered like an empty one", async () => {
  await bury({ body: undefined, messageId: "empty" });
  const world = receivingOf();
  await round(world);
  assert.equal(world.quarantined.length, 1);
  assert.deepEqual(await leftBehind(), []);
});

test("a queue that cannot be read is told in the log, and the round ends well", async () => {
  const world = receivingOf();
  const deadLetters = createDeadLetters(async () => Promise.reject(Object.assign(new Error("a secret"), { name: "ServiceBusError" })));
  await takeDeadLetters({ ...world.receiving, deadLetters })({} as Timer, hub.context());
  assert.deepEqual(hub.logged, [{ step: "deadLettersUnread", queue: "requests", error: "ServiceBusError" }]);
});
