import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import type { App } from "../../../local/functions-host/app/load-app.ts";
import type { TypedData } from "../../../local/functions-host/app/typed-data.ts";
import { readHostJson } from "../../../local/functions-host/host-json.ts";
import { startServiceBusTrigger } from "../../../local/functions-host/triggers/service-bus.ts";
import { type ServiceBus, startServiceBus } from "../../../local/service-bus/index.ts";
import { eventually } from "../../support/eventually.ts";

// What host.json says about Service Bus, held against a broker
// (https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings).

const lockDurationMs = 1_000;
const names = ["concurrent", "completed", "left", "abandoned", "renewed", "lost", "closing", "bodies", "texts", "told"];
let directory: string;
let broker: ServiceBus;
let client: ServiceBusClient;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "service-bus-trigger-"));
  const Properties = { LockDuration: `PT${lockDurationMs / 1000}S`, MaxDeliveryCount: 5 };
  const Queues = names.map((Name) => ({ Name, Properties }));
  const configFile = join(directory, "config.json");
  writeFileSync(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", Queues, Topics: [] }] } }));
  broker = await startServiceBus({ port: 0, configFile });
  client = new ServiceBusClient(broker.connectionString);
});
after(async () => {
  await client.close();
  await broker.close();
  rmSync(directory, { recursive: true });
});

interface Delivery {
  readonly body: string;
  readonly delivery: number;
  readonly metadata: Readonly<Record<string, TypedData>>;
}

/** A function on a queue, under settings of host.json: `handle` is its body. */
async function functionOn(
  t: TestContext,
  queueName: string,
  serviceBus: object,
  handle: (delivery: Delivery) => Promise<void> | void,
  dataType?: string,
) {
  const appDirectory = mkdtempSync(join(directory, "app-"));
  writeFileSync(join(appDirectory, "host.json"), JSON.stringify({ version: "2.0", extensions: { serviceBus } }));
  const deliveries: Delivery[] = [];
  const log: string[] = [];
  const app: App = {
    directory: appDirectory,
    functions: [],
    log: ({ message }) => log.push(message),
    terminate: async () => {},
    async invoke(_target, { trigger, triggerMetadata }) {
      const delivery = {
        body: trigger.bytes ? Buffer.from(trigger.bytes).toString("hex") : String(trigger.string),
        delivery: Number(triggerMetadata?.["DeliveryCount"]?.json),
        metadata: triggerMetadata ?? {},
      };
      deliveries.push(delivery);
      await handle(delivery);
      return { returned: undefined, result: undefined };
    },
  };
  const trigger = { type: "serviceBusTrigger", direction: "in" as const, name: "message" };
  const target = {
    name: queueName,
    bindings: { message: { ...trigger, queueName: "%QUEUE%", connection: "Bus", dataType } },
    metadata: {},
    callback: () => {},
  };
  const started = await startServiceBusTrigger(app, target, {
    settings: { QUEUE: queueName, Bus: broker.connectionString },
    hostJson: readHostJson(appDirectory),
    durableClient: "",
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= started.close();
    return closed;
  };
  t.after(close);
  return { deliveries, log, close };
}

const shown = (deliveries: readonly Delivery[]) => deliveries.map(({ body, delivery }) => [body, delivery]);
const send = (queue: string, ...bodies: string[]) =>
  client.createSender(queue).sendMessages(bodies.map((body) => ({ body: Buffer.from(body) })));
/**
 * How many messages there are, locked ones too. A client goes on where its last look ended, so each
 * look has its own.
 */
async function waiting(queue: string): Promise<number> {
  const onlooker = new ServiceBusClient(broker.connectionString);
  const messages = await onlooker.createReceiver(queue).peekMessages(100);
  await onlooker.close();
  return messages.length;
}

test("maxConcurrentCalls: so many messages at once, and the next one when one is done", async (t) => {
  const held: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const run = await functionOn(t, "concurrent", { maxConcurrentCalls: 2, maxAutoLockRenewalDuration: "00:01:00" }, async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => held.push(resolve));
    running--;
  });
  await send("concurrent", "1", "2", "3", "4", "5");
  for (let done = 0; done < 5; done++) {
    await eventually("as many run as may", () => running === Math.min(2, 5 - done));
    held.shift()?.();
    await eventually("it is completed", async () => (await waiting("concurrent")) === 4 - done);
  }
  await run.close();
  assert.deepEqual([most, run.deliveries.length], [2, 5]);
});

test("autoCompleteMessages, which is the default: a message is completed when the function returns", async (t) => {
  const run = await functionOn(t, "completed", {}, () => {});
  await send("completed", "once");
  await eventually("it is completed", async () => run.deliveries.length > 0 && (await waiting("completed")) === 0);
  await run.close();
  assert.deepEqual(shown(run.deliveries), [["once", 1]]);
});

test("without autoCompleteMessages a message is left as it is, and comes again when its lock is over", async (t) => {
  const run = await functionOn(t, "left", { autoCompleteMessages: false, maxAutoLockRenewalDuration: "00:00:00" }, () => {});
  await send("left", "again");
  await eventually("it comes again", () => run.deliveries.length >= 2, 10_000);
  await run.close();
  assert.deepEqual(
    run.deliveries.slice(0, 2).map(({ delivery }) => delivery),
    [1, 2],
  );
});

test("a function that throws abandons its message, with autoCompleteMessages or without", async (t) => {
  const run = await functionOn(t, "abandoned", { autoCompleteMessages: false, maxAutoLockRenewalDuration: "00:05:00" }, ({ delivery }) => {
    if (delivery < 3) throw new Error("not yet");
  });
  await send("abandoned", "again");
  // Sooner than any renewed lock would end.
  await eventually("it comes again, twice", () => run.deliveries.length === 3, 10_000);
  await run.close();
});

test("maxAutoLockRenewalDuration: a lock is renewed for as long", async (t) => {
  let began = 0;
  const run = await functionOn(t, "renewed", { maxAutoLockRenewalDuration: "00:01:00" }, async () => {
    began ||= Date.now();
    await eventually("the first lock would be over", () => Date.now() > began + 2 * lockDurationMs);
  });
  await send("renewed", "slow");
  await eventually("it is completed", async () => began > 0 && (await waiting("renewed")) === 0, 10_000);
  await run.close();
  assert.deepEqual(shown(run.deliveries), [["slow", 1]]);
});

test("maxAutoLockRenewalDuration of zero: a slow function loses its lock, and the message comes again meanwhile", async (t) => {
  const second = Promise.withResolvers<void>();
  const run = await functionOn(t, "lost", { maxAutoLockRenewalDuration: "00:00:00" }, ({ delivery }) => {
    if (delivery > 1) second.resolve();
    return second.promise;
  });
  await send("lost", "slow");
  await eventually("the second one completes it", async () => run.deliveries.length === 2 && (await waiting("lost")) === 0, 10_000);
  await run.close();
});

test("a trigger that is closed lets its function end, completes the message, and takes no other", async (t) => {
  const gate = Promise.withResolvers<void>();
  const run = await functionOn(t, "closing", { maxConcurrentCalls: 1 }, () => gate.promise);
  await send("closing", "first", "second");
  await eventually("the first one runs", () => run.deliveries.length === 1);
  const closed = run.close();
  gate.resolve();
  await closed;
  assert.equal(run.deliveries.length, 1);
  await eventually("only the second one is left", async () => (await waiting("closing")) === 1);
});

const notSupported = (bodyType: string) =>
  `Exception binding parameter 'message' ---> System.NotSupportedException: ${bodyType} cannot be retrieved using the Body property.Use GetRawAmqpMessage to access`;

test("a binding to bytes fails for value and sequence bodies: the function is not called, the message ends as a dead letter", async (t) => {
  const run = await functionOn(t, "bodies", {}, () => {}, "binary");
  const sender = client.createSender("bodies");
  await sender.sendMessages([
    { bodyType: "value", body: "a text, as JMS sends it", properties: { messageId: "text" } },
    { bodyType: "value", body: { a: 1 }, properties: { messageId: "map" } },
    { bodyType: "sequence", body: [1, 2], properties: { messageId: "list" } },
    { bodyType: "data", body: Buffer.from([1, 2, 255]), properties: { messageId: "bytes" } },
    { bodyType: "data", body: Buffer.alloc(0), properties: { messageId: "empty" } },
  ] as never);
  const dead = client.createReceiver("bodies", { subQueueType: "deadLetter" });
  const letters: string[] = [];
  await eventually("three dead letters", async () => {
    for (const letter of await dead.receiveMessages(3, { maxWaitTimeInMs: 500 })) {
      letters.push(`${letter.messageId} ${letter.deadLetterReason} ${letter.deliveryCount}`);
      await dead.completeMessage(letter);
    }
    return letters.length === 3;
  });
  await run.close();
  assert.deepEqual(
    letters.sort(),
    ["list", "map", "text"].map((id) => `${id} MaxDeliveryCountExceeded 5`),
  );
  assert.deepEqual(shown(run.deliveries).sort(), [
    ["", 1],
    ["0102ff", 1],
  ]);
  const told = (id: string) => run.log.filter((line) => line.startsWith(`The message ${id} was abandoned`));
  assert.equal(told("text").length, 5);
  assert.ok(told("text")[4]?.includes("(delivery 5)") && told("text")[4]?.includes(notSupported("Value")), told("text")[4]);
  assert.ok(told("list")[0]?.includes(notSupported("Sequence")), told("list")[0]);
});

test("a binding to text takes a value body that is a text, and no other", async (t) => {
  const run = await functionOn(t, "texts", {}, () => {});
  await client.createSender("texts").sendMessages([
    { bodyType: "value", body: "a text", properties: { messageId: "text" } },
    { bodyType: "value", body: 7, properties: { messageId: "number" } },
  ] as never);
  await eventually("the number is a dead letter", async () => run.deliveries.length > 0 && (await waiting("texts")) === 0);
  await run.close();
  assert.deepEqual(shown(run.deliveries), [["a text", 1]]);
});

test("the metadata has dates as the extension writes them, with a zone and without, and numbers", async (t) => {
  const run = await functionOn(t, "told", {}, () => {});
  await send("told", "one");
  const delivery = await eventually("it comes", () => run.deliveries[0]);
  await run.close();
  const told = (name: string) => JSON.parse(delivery.metadata[name]?.json ?? "null") as unknown;
  for (const [name, zoned] of [
    ["EnqueuedTimeUtc", "EnqueuedTime"],
    ["ExpiresAtUtc", "ExpiresAt"],
  ] as const) {
    assert.match(String(told(name)), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?$/);
    assert.equal(told(zoned), `${told(name)}+00:00`);
  }
  assert.ok(Math.abs(Date.parse(String(told("EnqueuedTime"))) - Date.now()) < 60_000);
  assert.equal(typeof told("SequenceNumber"), "number");
});
