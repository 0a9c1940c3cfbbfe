import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient } from "@azure/service-bus";
import { listen } from "../../../local/functions-host/triggers/service-bus-connection.ts";
import { type ServiceBus, startServiceBus } from "../../../local/service-bus/index.ts";
import { eventually } from "../../support/eventually.ts";

// The trigger goes on listening however often, and however soon, its connection breaks.

const queue = "vpn-connection-requests";
let broker: ServiceBus;
before(async () => {
  const configFile = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json");
  broker = await startServiceBus({ port: 0, configFile });
});
after(() => broker.close());

test("connections that break while the last one is being mended: every message comes, and a settlement does not hang", async () => {
  // The time-out bounds what the client keeps trying behind a broken connection, too.
  const retryOptions = { retryDelayInMs: 100, maxRetryDelayInMs: 500, timeoutInMs: 2_000 };
  const connect = () => new ServiceBusClient(broker.connectionString, { retryOptions });
  const handled = new Set<string>();
  const settlements: { done: boolean }[] = [];
  const listener = listen({
    connect,
    receiverOn: (client) => client.createReceiver(queue, { skipParsingBodyAsJson: true }),
    maxConcurrentCalls: 4,
    onError() {},
    async handle(message, line) {
      handled.add(String(message.messageId));
      const settlement = { done: false };
      settlements.push(settlement);
      await line.settle((receiver) => receiver.completeMessage(message)).catch(() => {});
      settlement.done = true;
    },
  });
  const client = connect();
  const sender = client.createSender(queue);
  const sent: string[] = [];
  const send = (messageId: string) => {
    sent.push(messageId);
    const attempt = () => sender.sendMessages({ body: "x", messageId });
    return eventually(`${messageId} is sent`, () =>
      attempt().then(
        () => true,
        () => false,
      ),
    );
  };
  try {
    for (let round = 0; round < 6; round++) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => send(`${round}-${index}`)));
      broker.dropConnections();
      // Sooner than a client is back, and later: that is what is tried here.
      await pause(20 * round);
      broker.dropConnections();
      broker.expireLocks();
    }
    await eventually("every message is handled", () => sent.every((messageId) => handled.has(messageId)), 15_000);
    await eventually("every settlement came to an end", () => settlements.every(({ done }) => done), 15_000);
  } finally {
    await client.close();
    await listener.close();
  }
  assert.ok(settlements.length >= sent.length);
});

for (const turns of [0, 2, 4, 6]) {
  test(`the broker goes for good ${turns} turns of the event loop after closing began: closing comes to its end`, async () => {
    const configFile = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json");
    const gone = await startServiceBus({ port: 0, configFile });
    const client = new ServiceBusClient(gone.connectionString);
    let settled = false;
    const listener = listen({
      connect: () => client,
      receiverOn: (from) => from.createReceiver(queue),
      maxConcurrentCalls: 4,
      onError() {},
      async handle(message, line) {
        await line.settle((receiver) => receiver.completeMessage(message));
        settled = true;
      },
    });
    await client.createSender(queue).sendMessages({ body: "x" });
    await eventually("it listens", () => settled);
    let closed = false;
    void listener.close().then(() => (closed = true));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    gone.dropConnections();
    void gone.close();
    await eventually("it is closed", () => closed, 5_000);
  });
}
