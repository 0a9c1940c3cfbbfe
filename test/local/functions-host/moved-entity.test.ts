import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient } from "@azure/service-bus";
import { listen } from "../../../local/functions-host/triggers/service-bus-connection.ts";
import { type ServiceBus, startServiceBus } from "../../../local/service-bus/index.ts";
import { eventually } from "../../support/eventually.ts";

// The trigger goes on listening when its queue moves while messages are in hand, and when the
// broker is busy as it comes back.

const queue = "vpn-connection-requests";
const LONGEST_CLOSING_MS = 10_000;
let broker: ServiceBus;
before(async () => {
  const configFile = join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json");
  broker = await startServiceBus({ port: 0, configFile });
});
after(async () => {
  await broker.close();
  // The client keeps a timer of a minute for every settlement that was not answered, and offers no
  // way to end it.
  setTimeout(() => process.exit(), 500).unref();
});

for (const refused of [0, 1, 4]) {
  test(`links are detached while every place is taken, and the next ${refused} operations are refused: the next message comes soon`, async () => {
    // As the trigger connects; the time-outs are the client's own.
    const connect = () =>
      new ServiceBusClient(broker.connectionString, { retryOptions: { retryDelayInMs: 250, maxRetryDelayInMs: 2_000 } });
    const [inHand, next] = [`in-hand-${refused}`, `next-${refused}`];
    const hold = Promise.withResolvers<void>();
    const handled: string[] = [];
    const refusals: string[] = [];
    const listener = listen({
      connect,
      receiverOn: (client) => client.createReceiver(queue, { skipParsingBodyAsJson: true }),
      maxConcurrentCalls: 4,
      onError() {},
      async handle(message, line) {
        handled.push(String(message.messageId));
        if (message.messageId === inHand) await hold.promise;
        await line.settle((receiver) => receiver.completeMessage(message)).catch((error: Error) => void refusals.push(error.message));
      },
    });
    const client = connect();
    const other = connect();
    try {
      await client.createSender(queue).sendMessages(Array.from({ length: 4 }, () => ({ body: "x", messageId: inHand })));
      await eventually("every place is taken", () => handled.length === 4);
      broker.detachLinks(queue);
      broker.serverBusy(refused);
      hold.resolve();
      await eventually("the next message is sent", () =>
        other
          .createSender(queue)
          .sendMessages({ body: "x", messageId: next })
          .then(
            () => true,
            () => false,
          ),
      );
      await eventually("the next message is handled", () => handled.includes(next), 20_000);
      assert.ok(
        refusals.every((message) => /lock|did not answer|detached|throttled/.test(message)),
        refusals.join(),
      );
    } finally {
      // A client whose links were detached while it settled may never end its closing. This process
      // ends anyway.
      const closed = Promise.all([client.close(), other.close(), listener.close()]);
      await Promise.race([closed, pause(LONGEST_CLOSING_MS)]);
    }
  });
}
