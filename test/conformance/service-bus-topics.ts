import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Bench, sources } from "./service-bus.ts";

/** Topics: what a subscription gets. */
export function topicBehaviours({ bus, behaviour, send, receive, take }: Bench): void {
  const receivedBy = async (subscription: string, count: number) => {
    const receiver = bus().client.createReceiver(bus().topic, subscription, { receiveMode: "receiveAndDelete" });
    const bodies = (await receive(receiver, count)).map(({ body }) => body);
    assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 }), [], "no more than that");
    await receiver.close();
    return bodies;
  };

  behaviour("a message whose id was seen within the window is accepted and dropped", sources.duplicates, async () => {
    const messageId = randomUUID();
    await send(bus().topic, { body: "first", messageId });
    await send(bus().topic, { body: "second", messageId }, { body: "other", messageId: randomUUID() });
    assert.deepEqual(await receivedBy("all", 2), ["first", "other"]);
  });

  behaviour("a correlation filter takes what is equal in everything it names", sources.filters, async () => {
    const sessionId = randomUUID();
    await send(
      bus().topic,
      { body: "asked", sessionId, applicationProperties: { reply: "true" } },
      { body: "other", sessionId, applicationProperties: { reply: "false" } },
      { body: "none", sessionId },
    );
    const replies = await bus().client.acceptSession(bus().topic, "replies", sessionId);
    const message = await take(replies);
    assert.equal(message.body, "asked");
    await replies.completeMessage(message);
    assert.deepEqual(await replies.receiveMessages(1, { maxWaitTimeInMs: 100 }), []);
    await replies.close();
    assert.deepEqual(await receivedBy("all", 3), ["asked", "other", "none"]);
  });

  behaviour("an SQL filter takes what its predicate says; what two rules take comes once", sources.sqlFilter, async () => {
    await send(
      bus().topic,
      { body: "failed", subject: "completed", applicationProperties: { outcome: "Failed" } },
      { body: "succeeded", subject: "completed", applicationProperties: { outcome: "Succeeded" } },
      { body: "elsewhere", subject: "started", applicationProperties: { OUTCOME: "Failed" } },
      { body: "both", subject: "completed", applicationProperties: { outcome: "Rejected", urgent: true } },
      { body: "urgent", applicationProperties: { urgent: true } },
      { body: "neither" },
    );
    assert.deepEqual(await receivedBy("failed", 3), ["failed", "both", "urgent"]);
    assert.equal((await receivedBy("all", 6)).length, 6);
  });

  behaviour("a copy without a session id is a dead letter of a subscription with sessions", sources.deadLetters, async () => {
    await send(bus().topic, { body: "no session", applicationProperties: { reply: "true" } });
    const dead = bus().client.createReceiver(bus().topic, "replies", { subQueueType: "deadLetter" });
    const message = await take(dead);
    assert.deepEqual([message.body, message.deadLetterReason], ["no session", "Session ID is null"]);
    await dead.completeMessage(message);
    await dead.close();
    assert.deepEqual(await receivedBy("all", 1), ["no session"]);
  });

  behaviour("a message that is scheduled on a topic reaches its subscriptions when its time has come", sources.sequencing, async () => {
    const sender = bus().client.createSender(bus().topic);
    const due = new Date(Date.now() + 300);
    await sender.scheduleMessages({ body: "later" }, due);
    const [cancelled] = await sender.scheduleMessages({ body: "never" }, new Date(Date.now() + 600_000));
    if (cancelled) await sender.cancelScheduledMessages(cancelled);
    const receiver = bus().client.createReceiver(bus().topic, "all", { receiveMode: "receiveAndDelete" });
    const message = await take(receiver);
    assert.equal(message.body, "later");
    assert.ok(Number(message.enqueuedTimeUtc) >= Number(due));
    await receiver.close();
  });
}
