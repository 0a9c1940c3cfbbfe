import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { type Child, startChild } from "../../../local/stack/child.ts";
import { childEnvironment } from "../../../local/stack/environment.ts";
import { eventually } from "../../support/eventually.ts";

// What the parent of the broker can do to it while it runs.

const main = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "main.ts");
const queue = "vpn-connection-requests";
let broker: Child;
let client: ServiceBusClient;
before(async () => {
  broker = await startChild(main, ["--port", "0"], childEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "controls"), () => {});
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
  await broker.tell("expireLocks");
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
  await broker.tell("expireLocks");
  const second = await eventually("the session is free", () => client.acceptSession("vpn-connection-events", "replies", "s"));
  const [reply] = await second.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(reply?.messageId, "reply");
  await Promise.allSettled([first.close(), second.close()]);
});

test("dropConnections: clients lose their connection, nothing is lost, and they come back", async () => {
  await send(queue, "kept");
  await broker.tell("dropConnections");
  const receiver = client.createReceiver(queue);
  const [kept] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(kept?.messageId, "kept");
  if (kept) await receiver.completeMessage(kept);
});

test("a control that is told to a process that is gone is refused", async () => {
  const other = await startChild(
    main,
    ["--port", "0"],
    childEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "controls"),
    () => {},
  );
  await other.stop();
  await assert.rejects(other.tell("expireLocks"));
});
