import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import { type Bench, hasCode, sources } from "./service-bus.ts";

/** Messages on their way through a queue: bodies, batches, order, time, browsing. */
export function messageBehaviours({ bus, behaviour, send, receive, take, withReceiver }: Bench): void {
  behaviour("a message arrives with everything it was sent with, once, and is gone when completed", sources.payloads, async () => {
    const messageId = randomUUID();
    await send(bus().queue, {
      body: { text: "ä", number: 1 },
      messageId,
      contentType: "application/json",
      correlationId: "c",
      subject: "s",
      replyTo: "r",
      replyToSessionId: "rs",
      applicationProperties: { text: "a", number: 7, yes: true },
    });
    await withReceiver(async (receiver) => {
      const message = await take(receiver);
      assert.deepEqual(message.body, { text: "ä", number: 1 });
      assert.deepEqual(
        [message.messageId, message.contentType, message.correlationId, message.subject, message.replyTo, message.replyToSessionId],
        [messageId, "application/json", "c", "s", "r", "rs"],
      );
      assert.deepEqual(message.applicationProperties, { text: "a", number: 7, yes: true });
      assert.equal(message.deliveryCount, 0);
      assert.ok(Number(message.lockedUntilUtc) > Number(message.enqueuedTimeUtc));
      await receiver.completeMessage(message);
      assert.deepEqual(await receiver.peekMessages(10), []);
    });
  });

  behaviour("bytes arrive byte for byte", sources.payloads, async () => {
    const body = Buffer.from([0xff, 0x00, 0x7b, 0x22, 0xfe]);
    await send(bus().queue, { body });
    await withReceiver(async (receiver) => assert.deepEqual(Buffer.from((await take(receiver)).body), body), {
      skipParsingBodyAsJson: true,
      receiveMode: "receiveAndDelete",
    });
  });

  behaviour("bodies that are AMQP values or sequences stay that", sources.protocol, async () => {
    const bodies = [
      { bodyType: "value", body: { a: 1, b: "x" } },
      { bodyType: "sequence", body: [[1, 2], ["x"]] },
    ] as const;
    await send(bus().queue, ...(bodies as unknown as ServiceBusMessage[]));
    await withReceiver(
      async (receiver) => {
        const received = (await receive(receiver, 2)).map(({ body, _rawAmqpMessage: { bodyType } }) => ({ bodyType, body }));
        assert.deepEqual(received, bodies);
      },
      { receiveMode: "receiveAndDelete" },
    );
  });

  behaviour("a message without an id is given one (the client's lock renewal throws without)", sources.protocol, async () => {
    await send(bus().queue, { body: 1 });
    await withReceiver(async (receiver) => {
      const message = await take(receiver);
      assert.ok(String(message.messageId).length > 0);
      await receiver.completeMessage(message);
    });
  });

  behaviour("a batch arrives whole and in order", sources.sequencing, async () => {
    const bodies = Array.from({ length: 250 }, (_, index) => index);
    await send(bus().queue, ...bodies.map((body) => ({ body })));
    await withReceiver(
      async (receiver) =>
        assert.deepEqual(
          (await receive(receiver, bodies.length)).map(({ body }) => body),
          bodies,
        ),
      { receiveMode: "receiveAndDelete" },
    );
  });

  behaviour("a batch knows how large it may be", sources.quotas, async () => {
    const batch = await bus().client.createSender(bus().queue).createMessageBatch();
    assert.ok(batch.maxSizeInBytes >= 262_144 && batch.maxSizeInBytes <= 1_048_576, `${batch.maxSizeInBytes} bytes`);
    assert.ok(batch.tryAddMessage({ body: Buffer.alloc(200_000) }));
    assert.ok(!batch.tryAddMessage({ body: Buffer.alloc(1_000_000) }));
  });

  behaviour(
    "what is too large is refused",
    sources.quotas,
    async () => void (await assert.rejects(send(bus().queue, { body: Buffer.alloc(300_000) }), hasCode("MessageSizeExceeded"))),
    { localOnly: "a namespace of the premium tier takes 1 MB and more" },
  );

  behaviour("more than 2,048 messages flow through one subscription (the window of the client's session)", sources.protocol, async () => {
    const count = 2_500;
    for (let sent = 0; sent < count; sent += 500)
      await send(bus().queue, ...Array.from({ length: 500 }, (_, index) => ({ body: sent + index })));
    await withReceiver(async (receiver) => {
      const bodies = new Set<number>();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      receiver.subscribe(
        {
          processMessage: async ({ body }) => {
            bodies.add(body);
            if (bodies.size === count) resolve();
          },
          processError: async ({ error }) => reject(error),
        },
        { maxConcurrentCalls: 32 },
      );
      await promise;
    });
  });

  behaviour("who asks an empty queue is answered in time, and can go on asking (drain)", sources.protocol, async () => {
    await withReceiver(async (receiver) => {
      for (let round = 0; round < 3; round++) assert.deepEqual(await receiver.receiveMessages(5, { maxWaitTimeInMs: 150 }), []);
      await send(bus().queue, { body: "here" });
      const message = await take(receiver);
      assert.equal(message.body, "here");
      await receiver.completeMessage(message);
    });
  });

  behaviour("an unknown entity is not found: by a sender, a receiver, a browser", sources.errors, async () => {
    const unknown = `no-such-queue-${randomUUID()}`;
    await assert.rejects(send(unknown, { body: 1 }), hasCode("MessagingEntityNotFound"));
    const receiver = bus().client.createReceiver(unknown);
    await assert.rejects(receiver.receiveMessages(1, { maxWaitTimeInMs: 500 }), hasCode("MessagingEntityNotFound"));
    await assert.rejects(receiver.peekMessages(1), hasCode("MessagingEntityNotFound"));
  });

  behaviour("names of entities have no case", sources.protocol, async () => {
    await send(bus().queue.toUpperCase(), { body: 1 });
    await withReceiver(async (receiver) => receiver.completeMessage(await take(receiver)));
  });

  behaviour(
    "a scheduled message comes when its time has come, with a new number, and not at all when it is cancelled",
    sources.sequencing,
    async () => {
      const sender = bus().client.createSender(bus().queue);
      const [cancelled] = await sender.scheduleMessages({ body: "never" }, new Date(Date.now() + 600_000));
      assert.ok(cancelled);
      await sender.cancelScheduledMessages(cancelled);
      await assert.rejects(sender.cancelScheduledMessages(cancelled), hasCode("MessageNotFound"));
      const due = new Date(Date.now() + 300);
      const [number] = await sender.scheduleMessages({ body: "now" }, due);
      await send(bus().queue, { body: "too", scheduledEnqueueTimeUtc: due });
      await withReceiver(async (receiver) => {
        const messages = await receive(receiver, 2);
        assert.deepEqual(messages.map(({ body }) => body).sort(), ["now", "too"]);
        for (const { enqueuedTimeUtc, sequenceNumber } of messages) {
          assert.ok(Number(enqueuedTimeUtc) >= Number(due));
          assert.ok(Number(sequenceNumber) > Number(number));
        }
        for (const message of messages) await receiver.completeMessage(message);
      });
    },
  );

  behaviour("a message that is scheduled a month ahead does not come before (timers end at 2^31 ms)", sources.sequencing, async () => {
    const sender = bus().client.createSender(bus().queue);
    const [number] = await sender.scheduleMessages({ body: "later" }, new Date(Date.now() + 30 * 24 * 3_600_000));
    await withReceiver(async (receiver) => {
      assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 }), []);
      assert.deepEqual(
        (await receiver.peekMessages(1)).map(({ state }) => state),
        ["scheduled"],
      );
    });
    if (number) await sender.cancelScheduledMessages(number);
  });

  behaviour("browsing shows what is available, locked, deferred and scheduled, and goes on where it ended", sources.browsing, async () => {
    const sender = bus().client.createSender(bus().queue);
    await send(bus().queue, { body: "locked" }, { body: "deferred" }, { body: "available" });
    const [number] = await sender.scheduleMessages({ body: "scheduled" }, new Date(Date.now() + 600_000));
    await withReceiver(async (receiver) => {
      const [locked, deferred] = await receive(receiver, 2);
      assert.ok(locked && deferred && number);
      await receiver.deferMessage(deferred);
      const browser = bus().client.createReceiver(bus().queue);
      const all = await browser.peekMessages(10, { fromSequenceNumber: locked.sequenceNumber as never });
      assert.deepEqual(
        all.map(({ body, state }) => [body, state]),
        [
          ["locked", "active"],
          ["deferred", "deferred"],
          ["available", "active"],
          ["scheduled", "scheduled"],
        ],
      );
      await browser.close();
      await sender.cancelScheduledMessages(number);
      await receiver.completeMessage(locked);
      for (const message of await receiver.receiveDeferredMessages([deferred.sequenceNumber as never]))
        await receiver.completeMessage(message);
      await receiver.completeMessage(await take(receiver));
    });
    await send(bus().queue, { body: 1 }, { body: 2 });
    await withReceiver(
      async (receiver) => {
        // The first one begins where the client's last one ended, on another receiver too.
        const [first] = await receiver.peekMessages(1);
        const [second] = await receiver.peekMessages(1);
        assert.deepEqual([first?.body, second?.body], [1, 2]);
        await receive(receiver, 2);
      },
      { receiveMode: "receiveAndDelete" },
    );
  });

  behaviour(
    "a message that expires becomes a dead letter by itself, when the queue says so",
    sources.expiration,
    async () => {
      await send(bus().queue, { body: "short-lived", timeToLive: 300 });
      await withReceiver(async (receiver) => assert.equal((await receiver.peekMessages(1))[0]?.timeToLive, 300));
      await withReceiver(
        async (dead) => {
          const message = await take(dead);
          assert.deepEqual([message.body, message.deadLetterReason], ["short-lived", "TTLExpiredException"]);
          await dead.completeMessage(message);
        },
        { subQueueType: "deadLetter" },
      );
      await withReceiver(async (receiver) => assert.deepEqual(await receiver.peekMessages(1), []));
    },
    { localOnly: "in Azure an expired message may stay until somebody receives from the queue" },
  );
}
