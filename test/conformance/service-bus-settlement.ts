import assert from "node:assert/strict";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { type Bench, hasCode, sources } from "./service-bus.ts";

/** Messages in somebody's hands: locks, settlements, dead letters. */
export function settlementBehaviours({ bus, behaviour, send, receive, take, withReceiver }: Bench): void {
  const withDeadLetters = (use: Parameters<Bench["withReceiver"]>[0]) => withReceiver(use, { subQueueType: "deadLetter" });

  behaviour(
    "an abandoned message comes again, counted once (rhea reports a modified outcome twice), with the properties it was given, and is dead-lettered after its last delivery",
    sources.deadLetters,
    async () => {
      await send(bus().queue, { body: "again", applicationProperties: { kept: 1 } });
      for (const delivery of [0, 1, 2]) {
        await withReceiver(async (receiver) => {
          const message = await take(receiver);
          assert.equal(message.deliveryCount, delivery);
          assert.deepEqual(message.applicationProperties, delivery === 0 ? { kept: 1 } : { kept: 1, tried: delivery - 1 });
          await receiver.abandonMessage(message, { tried: delivery });
        });
      }
      await withDeadLetters(async (receiver) => {
        const message = await take(receiver);
        assert.equal(message.deadLetterReason, "MaxDeliveryCountExceeded");
        await receiver.completeMessage(message);
      });
    },
  );

  behaviour("an abandoned message comes again before newer ones", sources.sequencing, async () => {
    await send(bus().queue, { body: 1 }, { body: 2 });
    await withReceiver(async (receiver) => {
      await receiver.abandonMessage(await take(receiver));
      const messages = await receive(receiver, 2);
      assert.deepEqual(
        messages.map(({ body }) => body),
        [1, 2],
      );
      for (const message of messages) await receiver.completeMessage(message);
    });
  });

  behaviour("a dead-lettered message says why, and keeps its number", sources.deadLetters, async () => {
    await send(bus().queue, { body: "poison" });
    let sequenceNumber: unknown;
    await withReceiver(async (receiver) => {
      const message = await take(receiver);
      ({ sequenceNumber } = message);
      await receiver.deadLetterMessage(message, { deadLetterReason: "Unreadable", deadLetterErrorDescription: "no JSON", extra: "x" });
    });
    await withDeadLetters(async (receiver) => {
      const message = await take(receiver);
      assert.deepEqual([message.deadLetterReason, message.deadLetterErrorDescription], ["Unreadable", "no JSON"]);
      assert.equal(message.applicationProperties?.["extra"], "x");
      assert.deepEqual(message.sequenceNumber, sequenceNumber);
      await receiver.completeMessage(message);
    });
  });

  behaviour("a deferred message is received by its number only, and settled over the management node", sources.deferral, async () => {
    await send(bus().queue, { body: "later" }, { body: "never" });
    await withReceiver(async (receiver) => {
      const numbers: ServiceBusReceivedMessage["sequenceNumber"][] = [];
      for (const message of await receive(receiver, 2)) {
        numbers.push(message.sequenceNumber);
        await receiver.deferMessage(message);
      }
      assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 }), []);
      const [later, never] = await receiver.receiveDeferredMessages(numbers as never);
      assert.ok(later && never);
      assert.deepEqual([later.body, later.state, never.body], ["later", "deferred", "never"]);
      await receiver.completeMessage(later);
      await receiver.deadLetterMessage(never, { deadLetterReason: "r", deadLetterErrorDescription: "d" });
      await assert.rejects(receiver.receiveDeferredMessages(numbers as never), hasCode("MessageNotFound"));
    });
    await withDeadLetters(async (receiver) => {
      const message = await take(receiver);
      assert.deepEqual([message.body, message.deadLetterReason], ["never", "r"]);
      await receiver.completeMessage(message);
    });
  });

  behaviour(
    "adjacent messages settled one after the other keep their own outcomes (the client merges what is settled at once)",
    sources.settlement,
    async () => {
      await send(bus().queue, { body: "a" }, { body: "b" }, { body: "c" });
      await withReceiver(async (receiver) => {
        const [a, b, c] = (await receive(receiver, 3)) as [ServiceBusReceivedMessage, ServiceBusReceivedMessage, ServiceBusReceivedMessage];
        await receiver.completeMessage(a);
        await receiver.deadLetterMessage(b);
        await receiver.completeMessage(c);
        assert.deepEqual(await receiver.peekMessages(1, { fromSequenceNumber: a.sequenceNumber as never }), []);
      });
      await withDeadLetters(async (receiver) => {
        const message = await take(receiver);
        assert.equal(message.body, "b");
        await receiver.completeMessage(message);
      });
    },
  );

  behaviour(
    "a lock that runs out gives the message to the next, and its first holder can settle and renew nothing",
    sources.settlement,
    async () => {
      await send(bus().queue, { body: "slow" });
      const slow = bus().client.createReceiver(bus().queue, { maxAutoLockRenewalDurationInMs: 0 });
      const held = await take(slow);
      await withReceiver(async (receiver) => {
        const message = await take(receiver);
        assert.deepEqual([message.body, message.deliveryCount], ["slow", 1]);
        await assert.rejects(slow.completeMessage(held), hasCode("MessageLockLost"));
        await assert.rejects(slow.renewMessageLock(held), hasCode("MessageLockLost"));
        await receiver.completeMessage(message);
      });
      await slow.close();
    },
  );

  behaviour("a renewed lock holds longer", sources.settlement, async () => {
    await send(bus().queue, { body: "renewed" });
    await withReceiver(
      async (receiver) => {
        const message = await take(receiver);
        const before = Number(message.lockedUntilUtc);
        const until = await receiver.renewMessageLock(message);
        assert.ok(Number(until) >= before);
        await receiver.completeMessage(message);
      },
      { maxAutoLockRenewalDurationInMs: 0 },
    );
  });

  behaviour("the client renews a lock by itself as long as a handler works", sources.settlement, async () => {
    await send(bus().queue, { body: "long work" });
    await withReceiver(async (receiver) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let deliveries = 0;
      receiver.subscribe(
        {
          async processMessage(message) {
            deliveries++;
            // Works until its first lock would long be over.
            const until = Number(message.enqueuedTimeUtc) + 2 * bus().lockDurationMs;
            while (Date.now() < until) await receiver.peekMessages(1, { fromSequenceNumber: message.sequenceNumber as never });
            resolve();
          },
          processError: async ({ error }) => reject(error),
        },
        { maxConcurrentCalls: 2 },
      );
      await promise;
      assert.equal(deliveries, 1);
    });
  });

  behaviour(
    "no more messages are locked than a receiver asked for (rhea takes credit off only when it writes)",
    sources.settlement,
    async () => {
      await send(bus().queue, ...Array.from({ length: 5 }, (_, index) => ({ body: index })));
      const narrow = bus().client.createReceiver(bus().queue);
      const first = await narrow.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
      await withReceiver(async (receiver) => {
        const messages = await receive(receiver, 5 - first.length);
        assert.equal(new Set([...first, ...messages].map(({ body }) => body)).size, 5);
        for (const message of [...first, ...messages]) assert.equal(message.deliveryCount, 0);
        for (const message of first) await narrow.completeMessage(message);
        for (const message of messages) await receiver.completeMessage(message);
      });
      await narrow.close();
    },
  );

  behaviour("what is received and deleted is gone, and has no lock", sources.settlement, async () => {
    await send(bus().queue, { body: 1 });
    await withReceiver(
      async (receiver) => {
        const message = await take(receiver);
        assert.deepEqual([message.lockToken, message.lockedUntilUtc], [undefined, undefined]);
        assert.deepEqual(await receiver.peekMessages(1, { fromSequenceNumber: message.sequenceNumber as never }), []);
      },
      { receiveMode: "receiveAndDelete" },
    );
  });
}
