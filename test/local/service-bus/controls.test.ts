import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { type Child, startChild } from "../../../local/stack/child.ts";
import { createChildEnvironment } from "../../../local/stack/environment.ts";
import { eventually } from "../../support/eventually.ts";

// What the parent of the broker can do to it while it runs.

const main = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "main.ts");
const queue = "vpn-connection-requests";
let broker: Child;
let client: ServiceBusClient;
const starting = () => ({
  title: "The broker",
  args: ["--port", "0"],
  env: createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "controls"),
  onLine() {},
});
before(async () => {
  broker = await startChild(main, starting());
  const retryOptions = { retryDelayInMs: 50, maxRetryDelayInMs: 200, timeoutInMs: 5_000 };
  client = new ServiceBusClient(String(broker.ready["connectionString"]), { retryOptions });
});
after(async () => {
  await client.close();
  await broker.stop();
});

const send = (to: string, messageId: string, more: object = {}) => client.createSender(to).sendMessages({ body: "x", messageId, ...more });

test("expireLocks: what is in somebody's hands is delivered again at once, counted, and its first holder can settle nothing", async () => {
  await send(queue, "held");
  const receiver = client.createReceiver(queue);
  const [held] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.ok(held);
  await broker.callControl("expireLocks");
  const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.deepEqual([again?.messageId, again?.deliveryCount], ["held", 1]);
  await assert.rejects(receiver.completeMessage(held), { code: "MessageLockLost" });
  if (again) await receiver.completeMessage(again);
  assert.deepEqual(await receiver.peekMessages(1), []);
  await receiver.close();
});

test("expireLocks: a session is free for another receiver", async () => {
  await send("vpn-connection-events", "reply", { sessionId: "s", applicationProperties: { reply: "true" } });
  const first = await client.acceptSession("vpn-connection-events", "replies", "s");
  await assert.rejects(client.acceptSession("vpn-connection-events", "replies", "s"), { code: "SessionCannotBeLocked" });
  await broker.callControl("expireLocks");
  const second = await eventually("the session is free", () => client.acceptSession("vpn-connection-events", "replies", "s"));
  const [reply] = await second.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(reply?.messageId, "reply");
  await Promise.allSettled([first.close(), second.close()]);
});

test("dropConnections: clients lose their connection, nothing is lost, and they come back", async () => {
  await send(queue, "kept");
  await broker.callControl("dropConnections");
  const receiver = client.createReceiver(queue);
  const [kept] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(kept?.messageId, "kept");
  if (kept) await receiver.completeMessage(kept);
});

test("serverBusy: a client that does not retry is told so; one that does sends, receives and peeks as if nothing were", async () => {
  const once = new ServiceBusClient(String(broker.ready["connectionString"]), { retryOptions: { maxRetries: 0 } });
  const sender = once.createSender(queue);
  await broker.callControl("serverBusy", 1);
  await assert.rejects(sender.sendMessages({ body: "x" }), { code: "ServiceBusy", retryable: true });
  await broker.callControl("serverBusy", 1);
  await assert.rejects(once.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 1_000 }), { code: "ServiceBusy" });
  await broker.callControl("serverBusy", 1);
  await assert.rejects(once.createReceiver(queue).peekMessages(1), { code: "ServiceBusy" });
  await once.close();

  await broker.callControl("serverBusy", 2);
  await send(queue, "patient");
  const receiver = client.createReceiver(queue);
  await broker.callControl("serverBusy", 2);
  assert.equal((await receiver.peekMessages(1))[0]?.messageId, "patient");
  await broker.callControl("serverBusy", 2);
  const [patient] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(patient?.messageId, "patient");
  if (patient) await receiver.completeMessage(patient);
  assert.deepEqual(await receiver.peekMessages(1), []);
  await receiver.close();
});

test("detachLinks: a sender and a subscriber whose links are detached go on with new ones; other entities notice nothing", async () => {
  // A send that was on its way is tried again when its time is over.
  const retryOptions = { retryDelayInMs: 50, maxRetryDelayInMs: 200, timeoutInMs: 1_000 };
  const detached = new ServiceBusClient(String(broker.ready["connectionString"]), { retryOptions });
  const received: unknown[] = [];
  const [receiver, other] = [detached.createReceiver(queue), detached.createReceiver(`${queue}-quarantine`)];
  receiver.subscribe({ processMessage: async ({ messageId }) => void received.push(messageId), processError: async () => {} });
  const strangers: unknown[] = [];
  other.subscribe({
    processMessage: async ({ messageId }) => void strangers.push(messageId),
    processError: async () => void strangers.push("error"),
  });
  const sender = detached.createSender(queue);
  await sender.sendMessages({ body: "x", messageId: "before" });
  await eventually("the first one came", () => received.includes("before"));
  for (const messageId of ["after", "after-another"]) {
    await broker.callControl("detachLinks", queue);
    await sender.sendMessages({ body: "x", messageId });
    await eventually(`${messageId} came`, () => received.includes(messageId));
  }
  await send(`${queue}-quarantine`, "aside");
  await eventually("the other queue goes on", () => strangers.length > 0);
  assert.deepEqual(strangers, ["aside"]);
  await detached.close();
});

test("detachLinks: what a receiver holds can still be settled, over the management node", async () => {
  // Nobody else has left anything in this queue.
  const quarantine = `${queue}-quarantine`;
  await send(quarantine, "in-hand");
  const receiver = client.createReceiver(quarantine);
  const [held] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.ok(held);
  await broker.callControl("detachLinks", quarantine);
  await eventually("the held message is settled over the management node", () =>
    receiver.completeMessage(held).then(
      () => true,
      () => false,
    ),
  );
  assert.deepEqual(await receiver.peekMessages(1), []);
  await receiver.close();
});

test("a control that is told to a process that is gone is refused", async () => {
  const other = await startChild(main, starting());
  await other.stop();
  await assert.rejects(other.callControl("expireLocks"));
});
