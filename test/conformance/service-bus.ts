import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { isServiceBusError, type ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";

/** Where an endpoint keeps the entities of local/service-bus/config.json, and a lock duration short enough to wait for. */
export interface ServiceBusUnderTest {
  readonly client: ServiceBusClient;
  /** A queue of lock duration `lockDurationMs`, at most 3 deliveries, empty at the start. */
  readonly queue: string;
  readonly lockDurationMs: number;
  readonly sessionQueue: string;
  /** Duplicate detection on; subscriptions `all`, and `replies` (sessions; application property reply = "true"). */
  readonly topic: string;
}

/**
 * What any Service Bus endpoint shows the real client. Sources: https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-protocol-guide,
 * message-transfers-locks-settlement, message-sessions, duplicate-detection, message-sequencing, service-bus-dead-letter-queues.
 */
export function serviceBusConformance(start: () => Promise<ServiceBusUnderTest & { stop(): Promise<void> }>): void {
  describe("Service Bus", () => {
    let bus: Awaited<ReturnType<typeof start>>;
    before(async () => {
      bus = await start();
    });
    after(() => bus.stop());

    const send = (to: string, ...messages: ServiceBusMessage[]) => bus.client.createSender(to).sendMessages(messages);
    const receive = async (from: string, count: number, options: { deadLetters?: boolean } = {}) => {
      const receiver = bus.client.createReceiver(from, options.deadLetters ? { subQueueType: "deadLetter" } : {});
      const messages: ServiceBusReceivedMessage[] = [];
      while (messages.length < count) {
        const batch = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 5_000 });
        assert.ok(batch.length > 0, `${messages.length} of ${count} messages came`);
        messages.push(...batch);
      }
      return { receiver, messages };
    };
    const only = async (from: string, options: { deadLetters?: boolean } = {}) => {
      const { receiver, messages } = await receive(from, 1, options);
      return { receiver, message: messages[0] as ServiceBusReceivedMessage };
    };

    test("a message arrives with everything it was sent with, once, and is gone when completed", async () => {
      const messageId = randomUUID();
      await send(bus.queue, {
        body: { text: "ä", number: 1 },
        messageId,
        contentType: "application/json",
        correlationId: "c",
        subject: "s",
        replyTo: "r",
        replyToSessionId: "rs",
        applicationProperties: { text: "a", number: 7, yes: true },
      });
      const { receiver, message } = await only(bus.queue);
      assert.deepEqual(message.body, { text: "ä", number: 1 });
      assert.deepEqual(
        [message.messageId, message.contentType, message.correlationId, message.subject, message.replyTo, message.replyToSessionId],
        [messageId, "application/json", "c", "s", "r", "rs"],
      );
      assert.deepEqual(message.applicationProperties, { text: "a", number: 7, yes: true });
      assert.equal(message.deliveryCount, 0);
      assert.ok(message.lockedUntilUtc && message.lockedUntilUtc.getTime() > Date.now());
      await receiver.completeMessage(message);
      assert.deepEqual(await receiver.peekMessages(10), []);
      await receiver.close();
    });

    test("bytes arrive byte for byte", async () => {
      const body = Buffer.from([0xff, 0x00, 0x7b, 0x22, 0xfe]);
      await send(bus.queue, { body });
      const receiver = bus.client.createReceiver(bus.queue, { skipParsingBodyAsJson: true, receiveMode: "receiveAndDelete" });
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
      assert.deepEqual(Buffer.from(message?.body), body);
      await receiver.close();
    });

    test("a message without an id is given one", async () => {
      await send(bus.queue, { body: 1 });
      const { receiver, message } = await only(bus.queue);
      assert.ok(String(message.messageId).length > 0);
      await receiver.completeMessage(message);
      await receiver.close();
    });

    test("a batch arrives whole and in order", async () => {
      const count = 250;
      await send(bus.queue, ...Array.from({ length: count }, (_, index) => ({ body: index })));
      const { receiver, messages } = await receive(bus.queue, count);
      assert.deepEqual(
        messages.map(({ body }) => body),
        Array.from({ length: count }, (_, index) => index),
      );
      for (const message of messages) await receiver.completeMessage(message);
      await receiver.close();
    });

    test("an abandoned message comes again, counted, with the properties it was given, and is dead-lettered after its last delivery", async () => {
      await send(bus.queue, { body: "again" });
      for (const delivery of [0, 1, 2]) {
        const { receiver, message } = await only(bus.queue);
        assert.equal(message.deliveryCount, delivery);
        if (delivery > 0) assert.equal(message.applicationProperties?.["tried"], delivery - 1);
        await receiver.abandonMessage(message, { tried: delivery });
        await receiver.close();
      }
      const { receiver, message } = await only(bus.queue, { deadLetters: true });
      assert.equal(message.deadLetterReason, "MaxDeliveryCountExceeded");
      await receiver.completeMessage(message);
      await receiver.close();
    });

    test("a dead-lettered message says why", async () => {
      await send(bus.queue, { body: "poison" });
      const { receiver, message } = await only(bus.queue);
      await receiver.deadLetterMessage(message, { deadLetterReason: "Unreadable", deadLetterErrorDescription: "no JSON", extra: "x" });
      await receiver.close();
      const dead = await only(bus.queue, { deadLetters: true });
      assert.deepEqual([dead.message.deadLetterReason, dead.message.deadLetterErrorDescription], ["Unreadable", "no JSON"]);
      assert.equal(dead.message.applicationProperties?.["extra"], "x");
      assert.deepEqual(dead.message.sequenceNumber, message.sequenceNumber);
      await dead.receiver.completeMessage(dead.message);
      await dead.receiver.close();
    });

    test("a deferred message is received by its number only", async () => {
      await send(bus.queue, { body: "later" });
      const { receiver, message } = await only(bus.queue);
      await receiver.deferMessage(message);
      assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 }), []);
      const [deferred] = await receiver.receiveDeferredMessages([message.sequenceNumber as never]);
      assert.equal(deferred?.body, "later");
      await receiver.completeMessage(deferred as ServiceBusReceivedMessage);
      await receiver.close();
    });

    test("adjacent messages settled one after the other keep their own outcomes", async () => {
      await send(bus.queue, { body: "a" }, { body: "b" }, { body: "c" });
      const { receiver, messages } = await receive(bus.queue, 3);
      await receiver.completeMessage(messages[0] as ServiceBusReceivedMessage);
      await receiver.deadLetterMessage(messages[1] as ServiceBusReceivedMessage);
      await receiver.completeMessage(messages[2] as ServiceBusReceivedMessage);
      await receiver.close();
      const dead = await only(bus.queue, { deadLetters: true });
      assert.equal(dead.message.body, "b");
      await dead.receiver.completeMessage(dead.message);
      await dead.receiver.close();
    });

    test("a lock that runs out gives the message to the next, and its first holder can settle nothing", async () => {
      await send(bus.queue, { body: "slow" });
      const slow = bus.client.createReceiver(bus.queue, { maxAutoLockRenewalDurationInMs: 0 });
      const [held] = await slow.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
      const { receiver, message } = await only(bus.queue);
      assert.deepEqual([message.body, message.deliveryCount], ["slow", 1]);
      await assert.rejects(
        slow.completeMessage(held as ServiceBusReceivedMessage),
        (error) => isServiceBusError(error) && error.code === "MessageLockLost",
      );
      await receiver.completeMessage(message);
      await Promise.all([receiver.close(), slow.close()]);
    });

    test("a renewed lock holds", async () => {
      await send(bus.queue, { body: "renewed" });
      const receiver = bus.client.createReceiver(bus.queue, { maxAutoLockRenewalDurationInMs: 0 });
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
      const before = message?.lockedUntilUtc?.getTime() ?? 0;
      const until = await receiver.renewMessageLock(message as ServiceBusReceivedMessage);
      assert.ok(until.getTime() >= before);
      await receiver.completeMessage(message as ServiceBusReceivedMessage);
      await receiver.close();
    });

    test("no more messages are locked than a receiver asked for", async () => {
      await send(bus.queue, ...Array.from({ length: 5 }, (_, index) => ({ body: index })));
      const narrow = bus.client.createReceiver(bus.queue);
      const first = await narrow.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
      const { receiver, messages } = await receive(bus.queue, 5 - first.length);
      assert.equal(new Set([...first, ...messages].map(({ body }) => body)).size, 5);
      for (const message of first) await narrow.completeMessage(message);
      for (const message of messages) await receiver.completeMessage(message);
      await Promise.all([narrow.close(), receiver.close()]);
    });

    test("more than 2,048 messages flow through one subscription", async () => {
      const count = 2_500;
      for (let sent = 0; sent < count; sent += 500)
        await send(bus.queue, ...Array.from({ length: 500 }, (_, index) => ({ body: sent + index })));
      const receiver = bus.client.createReceiver(bus.queue);
      const bodies = new Set<number>();
      await new Promise<void>((resolve, reject) => {
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
      });
      await receiver.close();
      assert.equal(bodies.size, count);
    });

    test("what is too large is refused by the broker", async () => {
      await assert.rejects(
        send(bus.queue, { body: Buffer.alloc(300_000) }),
        (error) => isServiceBusError(error) && error.code === "MessageSizeExceeded",
      );
    });

    test("an unknown entity is not found", async () => {
      await assert.rejects(
        send("no-such-queue", { body: 1 }),
        (error) => isServiceBusError(error) && error.code === "MessagingEntityNotFound",
      );
    });

    test("a scheduled message comes when its time has come, and not at all when it is cancelled", async () => {
      const sender = bus.client.createSender(bus.queue);
      const [cancelled] = await sender.scheduleMessages({ body: "never" }, new Date(Date.now() + 60_000));
      await sender.cancelScheduledMessages(cancelled as never);
      const due = Date.now() + 300;
      await sender.scheduleMessages({ body: "now" }, new Date(due));
      const { receiver, message } = await only(bus.queue);
      assert.ok(Date.now() >= due);
      assert.equal(message.body, "now");
      await receiver.completeMessage(message);
      await receiver.close();
    });

    test("a topic gives each subscription what its rules take, and drops what it has seen", async () => {
      const messageId = randomUUID();
      await send(bus.topic, { body: "first", messageId });
      await send(bus.topic, { body: "second", messageId });
      await send(bus.topic, { body: "reply", sessionId: "s1", applicationProperties: { reply: "true" } });
      const all = bus.client.createReceiver(bus.topic, "all", { receiveMode: "receiveAndDelete" });
      const received = [
        ...(await all.receiveMessages(2, { maxWaitTimeInMs: 5_000 })),
        ...(await all.receiveMessages(1, { maxWaitTimeInMs: 100 })),
      ];
      assert.deepEqual(
        received.map(({ body }) => body),
        ["first", "reply"],
      );
      const replies = await bus.client.acceptSession(bus.topic, "replies", "s1");
      const [reply] = await replies.receiveMessages(2, { maxWaitTimeInMs: 1_000 });
      assert.equal(reply?.body, "reply");
      await replies.completeMessage(reply as ServiceBusReceivedMessage);
      await Promise.all([all.close(), replies.close()]);
    });

    test("a session belongs to one receiver at a time, keeps its state, and is waited for", async () => {
      const [taken, other] = [randomUUID(), randomUUID()];
      const next = bus.client.acceptNextSession(bus.sessionQueue);
      await send(bus.sessionQueue, { body: 1, sessionId: taken });
      const first = await next;
      assert.equal(first.sessionId, taken);
      await assert.rejects(
        bus.client.acceptSession(bus.sessionQueue, taken),
        (error) => isServiceBusError(error) && error.code === "SessionCannotBeLocked",
      );
      await first.setSessionState(Buffer.from("state"));
      assert.equal(String(await first.getSessionState()), "state");
      const second = await bus.client.acceptSession(bus.sessionQueue, other);
      await send(bus.sessionQueue, { body: 2, sessionId: other });
      const [message] = await second.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
      assert.equal(message?.body, 2);
      await second.completeMessage(message as ServiceBusReceivedMessage);
      const [own] = await first.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
      await first.completeMessage(own as ServiceBusReceivedMessage);
      await Promise.all([first.close(), second.close()]);
      const again = await bus.client.acceptSession(bus.sessionQueue, taken);
      await again.close();
    });

    test("a message for sessions needs a session id, and a queue for sessions a session receiver", async () => {
      await assert.rejects(send(bus.sessionQueue, { body: 1 }));
      await assert.rejects(bus.client.createReceiver(bus.sessionQueue).receiveMessages(1, { maxWaitTimeInMs: 1_000 }));
    });
  });
}
