import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Bench, hasCode, sources } from "./service-bus.ts";

/** Sessions: who holds one, for how long, and what stays of it. */
export function sessionBehaviours({ bus, behaviour, send, receive, take, withReceiver }: Bench): void {
  behaviour("a session belongs to one receiver at a time, keeps its order and its state, and is waited for", sources.sessions, async () => {
    const [taken, other] = [`taken-${randomUUID()}`, `other-${randomUUID()}`];
    const next = bus().client.acceptNextSession(bus().sessionQueue);
    await send(bus().sessionQueue, { body: 1, sessionId: taken }, { body: 2, sessionId: other }, { body: 3, sessionId: taken });
    const first = await next;
    assert.ok(first.sessionId === taken || first.sessionId === other);
    const own = first.sessionId === taken ? first : await bus().client.acceptSession(bus().sessionQueue, taken);
    const second = own === first ? await bus().client.acceptSession(bus().sessionQueue, other) : first;
    await assert.rejects(bus().client.acceptSession(bus().sessionQueue, taken), hasCode("SessionCannotBeLocked"));
    assert.equal(await own.getSessionState(), null);
    await own.setSessionState({ step: 2 });
    assert.deepEqual(await own.getSessionState(), { step: 2 });
    const messages = await receive(own, 2);
    assert.deepEqual(
      messages.map(({ body, sessionId }) => [body, sessionId]),
      [
        [1, taken],
        [3, taken],
      ],
    );
    for (const message of messages) await own.completeMessage(message);
    await second.completeMessage(await take(second));
    await Promise.all([own.close(), second.close()]);
    const again = await bus().client.acceptSession(bus().sessionQueue, taken);
    assert.deepEqual(await again.getSessionState(), { step: 2 });
    await again.setSessionState(null);
    await again.close();
  });

  behaviour("the lock of a session says until when, and can be renewed", sources.sessions, async () => {
    const session = await bus().client.acceptSession(bus().sessionQueue, randomUUID());
    const until = Number(session.sessionLockedUntilUtc);
    assert.ok(Math.abs(until - Date.now() - bus().lockDurationMs) < 10_000, new Date(until).toISOString());
    assert.ok(Number(await session.renewSessionLock()) >= until);
    await session.close();
  });

  behaviour(
    "who closes a session gives its messages back, uncounted; whose lock runs out has failed to deliver them",
    sources.sessions,
    async () => {
      const sessionId = randomUUID();
      await send(bus().sessionQueue, { body: 1, sessionId });
      const closed = await bus().client.acceptSession(bus().sessionQueue, sessionId);
      assert.equal((await take(closed)).deliveryCount, 0);
      await closed.close();
      const lost = await bus().client.acceptSession(bus().sessionQueue, sessionId, { maxAutoLockRenewalDurationInMs: 0 });
      const message = await take(lost);
      assert.equal(message.deliveryCount, 0);
      // The session is free again when its lock has run out.
      const found = await bus().client.acceptNextSession(bus().sessionQueue);
      assert.equal(found.sessionId, sessionId);
      await assert.rejects(lost.completeMessage(message), hasCode("SessionLockLost"));
      const again = await take(found);
      assert.equal(again.deliveryCount, 1);
      await found.completeMessage(again);
      await Promise.all([lost.close(), found.close()]);
    },
  );

  behaviour("who waits for a session in vain is told in time, and goes on with the same connection", sources.sessions, async () => {
    const impatient = bus().connect(1_000);
    const errors: unknown[] = [];
    const listener = impatient.createReceiver(bus().queue);
    listener.subscribe({ processMessage: async () => {}, processError: async ({ error }) => void errors.push(error) });
    for (let round = 0; round < 2; round++) {
      const started = performance.now();
      await assert.rejects(impatient.acceptNextSession(bus().sessionQueue), hasCode("ServiceTimeout"));
      assert.ok(performance.now() - started > 500);
      const session = await impatient.acceptSession(bus().sessionQueue, randomUUID());
      await session.close();
    }
    assert.deepEqual(errors, []);
    await impatient.close();
  });

  behaviour(
    "a message for sessions needs a session id, and a queue for sessions a session receiver; a batch is refused as a whole",
    sources.sessions,
    async () => {
      const sessionId = randomUUID();
      await assert.rejects(send(bus().sessionQueue, { body: 1 }));
      await assert.rejects(send(bus().sessionQueue, { body: "fits", sessionId }, { body: "does not" }));
      const session = await bus().client.acceptSession(bus().sessionQueue, sessionId);
      assert.deepEqual(await session.peekMessages(1), []);
      await session.close();
      await assert.rejects(bus().client.createReceiver(bus().sessionQueue).receiveMessages(1, { maxWaitTimeInMs: 1_000 }));
      await assert.rejects(bus().client.acceptSession(bus().queue, sessionId));
      await withReceiver(async (receiver) => assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 }), []));
    },
  );
}
