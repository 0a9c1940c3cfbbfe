import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from "@azure/service-bus";
import { type Child, startChild } from "../../../local/stack/child.ts";
import { createChildEnvironment } from "../../../local/stack/environment.ts";

// A broker that was killed with SIGKILL goes on from its data directory.

const main = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "main.ts");
const directory = mkdtempSync(join(tmpdir(), "service-bus-data-"));
const configFile = join(directory, "config.json");
const entities = {
  Queues: [
    { Name: "queue", Properties: { LockDuration: "PT5M", MaxDeliveryCount: 2 } },
    { Name: "sessions", Properties: { LockDuration: "PT5M", RequiresSession: true } },
    { Name: "once", Properties: { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: "PT10M" } },
  ],
  Topics: [{ Name: "topic", Subscriptions: [{ Name: "all" }] }],
};

let broker: Child;
let client: ServiceBusClient;
async function start(): Promise<void> {
  const args = ["--port", "0", "--config", configFile, "--data-dir", join(directory, "data")];
  broker = await startChild(main, {
    title: "The broker",
    args,
    env: createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "persistence"),
    onLine() {},
  });
  client = new ServiceBusClient(String(broker.ready["connectionString"]), { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } });
}
async function killAndStartAgain(): Promise<void> {
  process.kill(broker.pid, "SIGKILL");
  await broker.ended;
  // What the client had open is gone; it has no part in what follows.
  void client.close().catch(() => {});
  await start();
}
before(async () => {
  writeFileSync(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", ...entities }] } }));
  await start();
});
after(async () => {
  await client.close().catch(() => {});
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

const send = (to: string, messageId: string, more: object = {}) =>
  client.createSender(to).sendMessages({ body: { of: messageId }, messageId, ...more });
async function take(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.ok(message);
  return message;
}
const shown = ({ messageId, state, deliveryCount, sequenceNumber }: ServiceBusReceivedMessage) => [
  messageId,
  state,
  deliveryCount,
  Number(sequenceNumber),
];

test("a queue: what was available, locked, at its last delivery, deferred, scheduled, dead or done is that again", async () => {
  const receiver = client.createReceiver("queue");
  await send("queue", "done");
  await receiver.completeMessage(await take(receiver));
  await send("queue", "dead");
  await receiver.deadLetterMessage(await take(receiver), {
    deadLetterReason: "Unreadable",
    deadLetterErrorDescription: "no JSON",
    extra: 7,
  });
  await send("queue", "deferred");
  await receiver.deferMessage(await take(receiver), { why: "later" });
  await send("queue", "deferred-and-locked");
  const { sequenceNumber } = await take(receiver).then(async (message) => {
    await receiver.deferMessage(message);
    return message;
  });
  await receiver.receiveDeferredMessages([sequenceNumber as never]);
  await send("queue", "last-delivery");
  await receiver.abandonMessage(await take(receiver), { tried: 1 });
  assert.equal((await take(receiver)).deliveryCount, 1);
  await send("queue", "locked", { applicationProperties: { text: "ä", number: 1.5 }, timeToLive: 600_000 });
  await take(receiver);
  await send("queue", "available");
  await client.createSender("queue").scheduleMessages({ body: 1, messageId: "scheduled" }, new Date(Date.now() + 3_600_000));

  await killAndStartAgain();
  const again = client.createReceiver("queue");
  const kept = await again.peekMessages(20);
  assert.deepEqual(kept.map(shown), [
    ["deferred", "deferred", 0, 3],
    ["deferred-and-locked", "deferred", 1, 4],
    ["locked", "active", 1, 6],
    ["available", "active", 0, 7],
    ["scheduled", "scheduled", 0, 8],
  ]);
  const dead = client.createReceiver("queue", { subQueueType: "deadLetter" });
  const [first, second] = await dead.peekMessages(5);
  assert.deepEqual([first?.messageId, first?.deadLetterReason, first?.applicationProperties?.["extra"]], ["dead", "Unreadable", 7]);
  assert.deepEqual([second?.messageId, second?.deadLetterReason], ["last-delivery", "MaxDeliveryCountExceeded"]);

  const locked = await take(again);
  assert.deepEqual(locked.body, { of: "locked" });
  assert.deepEqual(locked.applicationProperties, { text: "ä", number: 1.5 });
  assert.equal(locked.timeToLive, 600_000);
  const numberOf = (messageId: string) => kept.find((message) => message.messageId === messageId)?.sequenceNumber as never;
  const [deferred] = await again.receiveDeferredMessages([numberOf("deferred")]);
  assert.equal(deferred?.applicationProperties?.["why"], "later");
  await again.completeMessage(deferred as ServiceBusReceivedMessage);
  await client.createSender("queue").cancelScheduledMessages(numberOf("scheduled"));
  await send("queue", "new");
  const left = await client.createReceiver("queue").peekMessages(20, { fromSequenceNumber: numberOf("deferred") });
  assert.deepEqual(left.map(shown).at(-1), ["new", "active", 0, 9]);
  assert.ok(!left.some(({ messageId }) => messageId === "scheduled" || messageId === "deferred"));
});

test("sessions: their state stays, and their holders do not", async () => {
  await send("sessions", "of-a-session", { sessionId: "s" });
  const held = await client.acceptSession("sessions", "s");
  await held.setSessionState({ step: 2 });
  await take(held);
  await killAndStartAgain();
  const session = await client.acceptNextSession("sessions");
  assert.equal(session.sessionId, "s");
  assert.deepEqual(await session.getSessionState(), { step: 2 });
  const message = await take(session);
  assert.deepEqual([message.messageId, message.deliveryCount], ["of-a-session", 1]);
  await session.completeMessage(message);
  await session.setSessionState(null);
  await killAndStartAgain();
  const empty = await client.acceptSession("sessions", "s");
  assert.equal(await empty.getSessionState(), null);
  assert.deepEqual(await empty.peekMessages(1), []);
});

test("duplicate detection remembers", async () => {
  await send("once", "seen");
  const receiver = client.createReceiver("once", { receiveMode: "receiveAndDelete" });
  await take(receiver);
  await killAndStartAgain();
  await send("once", "seen");
  await send("once", "other");
  const kept = await client.createReceiver("once").peekMessages(5);
  assert.deepEqual(
    kept.map(({ messageId }) => messageId),
    ["other"],
  );
});

test("a topic: subscriptions keep their messages, and what is scheduled comes", async () => {
  await send("topic", "now");
  const due = Date.now() + 1_500;
  await client.createSender("topic").scheduleMessages({ body: 1, messageId: "later" }, new Date(due));
  await killAndStartAgain();
  const receiver = client.createReceiver("topic", "all", { receiveMode: "receiveAndDelete" });
  assert.equal((await take(receiver)).messageId, "now");
  const later = await take(receiver);
  assert.equal(later.messageId, "later");
  assert.ok((later.enqueuedTimeUtc?.getTime() ?? 0) >= due);
});

test("a batch that was answered is there as a whole", async () => {
  const count = 200;
  await client.createSender("topic").sendMessages(Array.from({ length: count }, (_, index) => ({ body: index })));
  await killAndStartAgain();
  const receiver = client.createReceiver("topic", "all", { receiveMode: "receiveAndDelete" });
  const bodies: unknown[] = [];
  while (bodies.length < count) bodies.push(...(await receiver.receiveMessages(count, { maxWaitTimeInMs: 5_000 })).map(({ body }) => body));
  assert.deepEqual(
    bodies,
    Array.from({ length: count }, (_, index) => index),
  );
});

test("no body, property or session state can be read on the disk without the key, which its owner alone can read", async () => {
  const secret = "canary-in-a-message";
  await send("queue", "with-a-secret", { body: { secret }, applicationProperties: { secret } });
  await send("sessions", "with-a-state", { sessionId: "secretive" });
  const session = await client.acceptSession("sessions", "secretive");
  await session.setSessionState(secret);
  await session.close();
  const data = join(directory, "data");
  for (const file of readdirSync(data)) assert.ok(!readFileSync(join(data, file), "latin1").includes(secret), file);
  assert.equal(statSync(join(data, "service-bus.key")).mode & 0o777, 0o600);
});

test("messages without the key that they were kept with: refused in a sentence", async () => {
  await send("queue", "kept");
  await broker.stop();
  const key = join(directory, "data", "service-bus.key");
  const own = readFileSync(key);
  writeFileSync(key, Buffer.alloc(32, 1).toString("base64"));
  await assert.rejects(start(), /The messages in .* are not of its service-bus\.key; remove the directory/);
  writeFileSync(key, own);
  void client.close().catch(() => {});
  await start();
});

test("a second broker on the same data directory is refused", async () => {
  const env = createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "persistence");
  const args = ["--port", "0", "--config", configFile, "--data-dir", join(directory, "data")];
  await assert.rejects(
    startChild(main, { title: "The broker", args, env, onLine() {} }),
    /Another broker is running on .*choose another --data-dir/,
  );
});
