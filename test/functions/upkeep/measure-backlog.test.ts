import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { InvocationContext, Timer } from "@azure/functions";
import { ServiceBusClient } from "@azure/service-bus";
import { createBacklog } from "../../../azure/backlog.ts";
import { measureBacklog } from "../../../functions/upkeep/measure-backlog.ts";
import { startServiceBus } from "../../../local/service-bus/index.ts";

// How long messages wait, through the real client and the local broker.

const queue = "vpn-connection-requests";
const other = "vpn-connection-requests-quarantine";
let broker: Awaited<ReturnType<typeof startServiceBus>>;
let client: ServiceBusClient;
before(async () => {
  broker = await startServiceBus({
    port: 0,
    configFile: join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json"),
  });
  client = new ServiceBusClient(broker.connectionString);
});
after(async () => {
  await client.close();
  await broker.close();
});

/** Runs the timer some seconds later. Returns its lines. */
async function measured(secondsLater: number, open: () => Promise<ServiceBusClient> = async () => client) {
  const lines: Record<string, unknown>[] = [];
  const context = { info: (line: string) => lines.push(JSON.parse(line)) } as unknown as InvocationContext;
  const now = () => new Date(Date.now() + secondsLater * 1000);
  await measureBacklog({ backlog: createBacklog(open), queues: new Map([[queue, ""]]), now })({} as Timer, context);
  return lines.sort((one, another) => Number(one["deadLetter"]) - Number(another["deadLetter"]));
}
const seconds = (line: Record<string, unknown> | undefined) => Number(line?.["oldestSeconds"]);

test("an empty queue has 0, and so has one whose messages are all scheduled for later", async () => {
  const none = [
    { step: "backlog", queue, deadLetter: false, oldestSeconds: 0 },
    { step: "backlog", queue, deadLetter: true, oldestSeconds: 0 },
  ];
  assert.deepEqual(await measured(180), none);
  const sender = client.createSender(queue);
  const later = Array.from({ length: 150 }, (_, index) => ({ body: index }));
  await sender.scheduleMessages(later, new Date(Date.now() + 3_600_000));
  assert.deepEqual(await measured(180), none);
});

test("the age is that of the oldest message, it is measured behind scheduled ones, and nothing is taken", async () => {
  await client.createSender(queue).sendMessages([{ body: "first" }, { body: "second" }]);
  for (const _again of [1, 2]) {
    const [waiting, dead] = await measured(180);
    assert.ok(Math.abs(seconds(waiting) - 180) < 10, JSON.stringify(waiting));
    assert.equal(seconds(dead), 0);
  }
  const receiver = client.createReceiver(queue);
  const [first, second] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
  assert.deepEqual([first?.deliveryCount, second?.deliveryCount], [0, 0]);
  for (const message of [first, second]) if (message) await receiver.deadLetterMessage(message);
  await receiver.close();
  const [empty, buried] = await measured(600);
  assert.equal(seconds(empty), 0);
  assert.ok(Math.abs(seconds(buried) - 600) < 10, JSON.stringify(buried));
});

test("the quarantine is not looked at: the app may only send there", async () => {
  await client.createSender(other).sendMessages({ body: "unreadable" });
  assert.deepEqual(
    (await measured(0)).map((line) => line["queue"]),
    [queue, queue],
  );
});

test("a broker that is away is logged, and the run ends well", async () => {
  const away = async () => Promise.reject(Object.assign(new Error("secret address"), { name: "ServiceBusError" }));
  assert.deepEqual(await measured(0, away), [
    { step: "backlogUnread", queue, deadLetter: false, error: "ServiceBusError" },
    { step: "backlogUnread", queue, deadLetter: true, error: "ServiceBusError" },
  ]);
});
