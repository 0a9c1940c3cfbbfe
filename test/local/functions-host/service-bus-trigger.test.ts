import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { createClock } from "../../../local/clock.ts";
import type { App } from "../../../local/functions-host/app/load-app.ts";
import { readHostJson } from "../../../local/functions-host/host-json.ts";
import { startServiceBusTrigger } from "../../../local/functions-host/triggers/service-bus.ts";
import { type ServiceBus, startServiceBus } from "../../../local/service-bus/index.ts";
import { eventually } from "../../support/eventually.ts";

// What host.json says about Service Bus, held against a broker
// (https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings).

const lockDurationMs = 1_000;
const names = ["concurrent", "completed", "left", "abandoned", "renewed", "lost", "closing"];
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
}

/** A function on a queue, under settings of host.json: `handle` is its body. */
async function functionOn(t: TestContext, queueName: string, serviceBus: object, handle: (delivery: Delivery) => Promise<void> | void) {
  const appDirectory = mkdtempSync(join(directory, "app-"));
  writeFileSync(join(appDirectory, "host.json"), JSON.stringify({ version: "2.0", extensions: { serviceBus } }));
  const deliveries: Delivery[] = [];
  const app: App = {
    directory: appDirectory,
    functions: [],
    log() {},
    terminate: async () => {},
    async invoke(_target, { trigger, triggerMetadata }) {
      const delivery = { body: String(trigger.string), delivery: Number(triggerMetadata?.["DeliveryCount"]?.json) };
      deliveries.push(delivery);
      await handle(delivery);
      return { returned: undefined, result: undefined };
    },
  };
  const target = {
    name: queueName,
    bindings: { message: { type: "serviceBusTrigger", direction: "in" as const, queueName: "%QUEUE%", connection: "Bus" } },
    metadata: {},
    callback: () => {},
  };
  const trigger = await startServiceBusTrigger(app, target, {
    settings: { QUEUE: queueName, Bus: broker.connectionString },
    clock: createClock(),
    hostJson: readHostJson(appDirectory),
    durableClient: "",
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= trigger.close();
    return closed;
  };
  t.after(close);
  return { deliveries, close };
}

const send = (queue: string, ...bodies: string[]) =>
  client.createSender(queue).sendMessages(bodies.map((body) => ({ body: Buffer.from(body) })));
/** How many messages there are, locked ones too. A client goes on where its last look ended, so each look has its own. */
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
  assert.deepEqual(run.deliveries, [{ body: "once", delivery: 1 }]);
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
  assert.deepEqual(run.deliveries, [{ body: "slow", delivery: 1 }]);
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
