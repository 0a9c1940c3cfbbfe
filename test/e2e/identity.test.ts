import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusReceiverOptions } from "@azure/service-bus";
import { resubmissionPropertiesOf } from "../../functions/intake/first-arrival.ts";
import type { ReceivedMessage } from "../../functions/intake/request-message.ts";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor, type SampleEvent, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";
import { structured } from "../support/sample.ts";

// The same source and id is one request, however often, whenever and with whatever it comes; and
// what was delivered without success is not lost.

const key = Buffer.alloc(32, 5);
let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
before(async () => {
  const SEALING_KEYS = JSON.stringify({ k1: key.toString("base64") });
  stack = await startTestStack({ speed: 30, settings: { REQUEST_QUEUES: '{"vpn-connection-requests":"/ticketing"}', SEALING_KEYS } });
  ask = requester(stack);
});
after(() => stack.stop());

const contents = (answers: readonly ServiceBusReceivedMessage[]) => new Set(answers.map(({ body }) => JSON.stringify(body)));
const repeated = ({ id }: SampleEvent) => stack.steps.filter((seen) => seen.step === "repeated" && seen["requestId"] === id).length;
const withDeadline = (event: SampleEvent, deadlineMinutes: number): SampleEvent => ({ ...event, data: { ...event.data, deadlineMinutes } });

/** Kills the functions host, which comes back by itself. */
async function killHost(): Promise<void> {
  const pid = stack.stack.hostPid();
  process.kill(pid, "SIGKILL");
  await eventually("the host is back", () => stack.stack.hostPid() !== pid);
}

describe("one identity is one request", { concurrency: true }, () => {
  test("sent ten times at once, and again when it has ended: carried out once, one content, repeats under ids of their own", async () => {
    const request = requestFor(1, "ten-times");
    await ask.takes("ten-times", 60);
    await Promise.all(Array.from({ length: 10 }, () => ask.send(request)));
    const first = await ask.answerTo(request);
    assert.deepEqual(said(first), ["Succeeded", null]);
    await eventually("all of them are recognised", () => repeated(request) === 9);
    await ask.send(request);
    await eventually("the answer again", () => ask.answersTo(request).some(({ messageId }) => /\.r\d+$/.test(String(messageId))));
    assert.equal(contents(ask.answersTo(request)).size, 1);
    for (const { messageId } of ask.answersTo(request).slice(1))
      assert.match(String(messageId), new RegExp(`^${first.messageId}\\.r\\d+$`));
    await ask.onlyPutOf("ten-times");
  });

  test("a repeat that waits on another session is answered there, in the same words", async () => {
    const request = requestFor(2, "sessions");
    await ask.send(request, { replyToSessionId: randomUUID() });
    const first = await ask.answerTo(request);
    const replyToSessionId = randomUUID();
    await ask.send(request, { replyToSessionId });
    const receiver = await stack.client.acceptSession("vpn-connection-events", "replies", replyToSessionId);
    const [reply] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
    assert.deepEqual(reply?.body, first.body);
    await receiver.close();
  });

  test("a repeat is answered in the same words when the instance was purged", async () => {
    const request = requestFor(5, "purged");
    await ask.send(request);
    const first = await ask.answerTo(request);
    const instance = `${stack.stack.endpoints.functionsHost}/runtime/webhooks/durabletask/instances/${ask.idOf(request)}`;
    // Refused until the instance has noted that its answer was sent.
    await eventually("it is purged", async () => (await fetch(instance, { method: "DELETE" })).status === 200);
    const replyToSessionId = randomUUID();
    await ask.send(request, { replyToSessionId });
    const again = await eventually("the answer again", () => ask.answersTo(request)[1]);
    assert.equal(again.sessionId, replyToSessionId);
    assert.deepEqual(again.body, first.body);
    await ask.onlyPutOf("purged");
  });

  test("another payload is refused once for each, while the request runs and when it has ended, and the request goes on untouched", async () => {
    const request = requestFor(3, "conflicting");
    await ask.takes("conflicting", 120);
    await ask.send(request);
    await ask.reaches(request, "submitted");
    const conflicts = () => ask.answersTo(request).filter(({ body }) => body.data.problem?.code === "RequestIdConflict");
    const ids = () => new Set(conflicts().map(({ messageId }) => String(messageId)));
    for (const deadlineMinutes of [31, 31, 32]) await ask.send(withDeadline(request, deadlineMinutes));
    await eventually("one refusal for each payload", () => ids().size === 2);
    assert.equal(ask.answersTo(request).length, conflicts().length, "the request is still running");
    const succeeded = await eventually("the answer", () => ask.answersTo(request).find(({ body }) => body.data.outcome === "Succeeded"));
    assert.equal(succeeded.messageId, `${ask.idOf(request)}.completed`);

    for (const deadlineMinutes of [32, 33]) await ask.send(withDeadline(request, deadlineMinutes));
    await eventually("a refusal of the third", () => ids().size === 3);
    for (const { body, messageId } of conflicts()) {
      assert.equal(body.data.outcome, "Rejected");
      assert.equal(body.id, messageId);
      assert.match(body.id, new RegExp(`^${ask.idOf(request)}\\.conflict\\.[\\w-]{43}$`));
    }
    assert.equal(contents(conflicts()).size, 3);
    await ask.onlyPutOf("conflicting");
  });

  test("each message that cannot be read has an answer of its own, also of two with one id and content", async () => {
    const messageId = randomUUID();
    const broken = (body: string, id = messageId): ServiceBusMessage => ({ body: Buffer.from(body), messageId: id });
    const other = randomUUID();
    for (const message of [broken("{"), broken("{"), broken("[1]"), broken("{", other)]) await stack.send(message);
    const answers = () => [messageId, other].flatMap((id) => ask.answersTo({ id }));
    await eventually("four answers", () => contents(answers()).size === 4);
    await eventually(
      "all four were read",
      () => stack.steps.filter(({ step, requestId }) => step === "rejected" && requestId === messageId).length === 3,
    );
    assert.equal(contents(answers()).size, 4);
    assert.deepEqual(new Set(answers().map((answer) => said(answer)[1])), new Set(["UnreadableMessage"]));
  });
});

/**
 * Takes a message from the queue before the host does, and makes a dead letter of it. Both listen,
 * and of two messages that come together the broker gives one to each. Answers the id of the one
 * that was taken; the other one is an ordinary message.
 */
async function deadLetterOneOf(make: () => ServiceBusMessage): Promise<unknown> {
  const receiver = stack.client.createReceiver("vpn-connection-requests");
  const sender = stack.client.createSender("vpn-connection-requests");
  try {
    for (let tries = 0; tries < 20; tries++) {
      const receiving = receiver.receiveMessages(1, { maxWaitTimeInMs: 1_000 });
      await sender.sendMessages([make(), make()]);
      const [message] = await receiving;
      if (!message) continue;
      await receiver.deadLetterMessage(message, { deadLetterReason: "Test", deadLetterErrorDescription: "by hand" });
      return message.messageId;
    }
    throw new Error("The host was faster, twenty times");
  } finally {
    await Promise.all([receiver.close(), sender.close()]);
  }
}

/** Makes a dead letter of a request that nobody has seen before; answers the request. */
async function newDeadLetter(gateway: number, more: (request: SampleEvent) => Partial<ServiceBusMessage>): Promise<SampleEvent> {
  const made = new Map<unknown, SampleEvent>();
  const taken = await deadLetterOneOf(() => {
    const request = requestFor(gateway, `connection-${randomUUID()}`);
    const message = structured(request, more(request));
    made.set(message.messageId, request);
    return message;
  });
  return made.get(taken) ?? assert.fail("somebody else's message was taken");
}

describe("what was delivered in vain", () => {
  test("and was never begun is sent again later, and then carried out", async () => {
    const request = await newDeadLetter(11, () => ({
      replyToSessionId: "somebody",
      applicationProperties: { note: '{"a":[1]}', none: "null", number: 12, nothing: null as never },
    }));
    const peeking = stack.client.createReceiver("vpn-connection-requests", { skipParsingBodyAsJson: true });
    const scheduled = await eventually("it is scheduled", async () =>
      (await peeking.peekMessages(100)).find(({ body, state }) => state === "scheduled" && String(body).includes(request.id)),
    );
    await peeking.close();
    const minutes = (Number(scheduled.scheduledEnqueueTimeUtc) - Date.now()) / 60_000;
    assert.ok(minutes > 4.5 && minutes <= 5, `in ${minutes} minutes`);
    const { resubmissions, note, none, number, nothing } = scheduled.applicationProperties ?? {};
    assert.deepEqual([resubmissions, note, none, number, nothing], [1, '{"a":[1]}', "null", 12, null]);
    assert.deepEqual(JSON.parse(String(scheduled.body)), request);
    assert.equal(ask.answersTo(request).length, 0);

    // Five minutes later the broker would deliver it; here it comes now.
    const { body, messageId, contentType, applicationProperties, replyToSessionId } = scheduled;
    assert.ok(scheduled.sequenceNumber);
    await stack.client.createSender("vpn-connection-requests").cancelScheduledMessages(scheduled.sequenceNumber);
    await stack.send({ body, messageId, contentType, applicationProperties, replyToSessionId } as ServiceBusMessage);
    const answer = await ask.answerTo(request);
    assert.deepEqual(said(answer), ["Succeeded", null]);
    assert.equal(answer.sessionId, "somebody");
  });

  test("although its request was begun needs nothing but that", async () => {
    const request = requestFor(12, "begun");
    await ask.send(request);
    const first = await ask.answerTo(request);
    await deadLetterOneOf(() => structured(request));
    await eventually("both are recognised, each by its function", () => repeated(request) >= 2);
    assert.equal(stack.steps.filter((seen) => seen.step === "resubmitted" && seen["requestId"] === request.id).length, 0);
    await eventually("its answer again", () => ask.answersTo(request).length > 1);
    assert.equal(contents(ask.answersTo(request)).size, 1);
    assert.deepEqual(said(first), ["Succeeded", null]);
    await ask.onlyPutOf("begun");
  });

  test("and cannot be read is answered, and kept", async () => {
    const messageId = await deadLetterOneOf(() => ({ body: Buffer.from("no JSON"), messageId: randomUUID() }));
    assert.deepEqual(said(await ask.answerTo({ id: String(messageId) })), ["Rejected", "UnreadableMessage"]);
  });

  test("and no trigger can read, as a text message of JMS, is carried out; a body that is no request is answered, and kept", async () => {
    const sender = stack.client.createSender("vpn-connection-requests");
    const sent = (body: unknown, bodyType: "value" | "sequence", messageId: string) =>
      sender.sendMessages({ body, bodyType, properties: { messageId } } as never);
    const request = requestFor(14, "jms-text");
    await sent(JSON.stringify(request), "value", randomUUID());
    const strange = [randomUUID(), randomUUID()] as const;
    await sent({ a: 1n.toString() }, "value", strange[0]);
    await sent([[1, 2]], "sequence", strange[1]);
    assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null]);
    for (const id of strange) assert.deepEqual(said(await ask.answerTo({ id })), ["Rejected", "UnreadableMessage"]);
    const idsIn = async (queue: string, options: ServiceBusReceiverOptions = {}) => {
      const receiver = stack.client.createReceiver(queue, options);
      const ids = (await receiver.peekMessages(100)).map(({ messageId }) => messageId);
      await receiver.close();
      return ids;
    };
    await eventually("both are kept", async () => {
      const kept = await idsIn("vpn-connection-requests-quarantine");
      return strange.every((id) => kept.includes(id));
    });
    await eventually(
      "no letter is left",
      async () => (await idsIn("vpn-connection-requests", { subQueueType: "deadLetter" })).length === 0,
    );
    await sender.close();
  });

  test("after five rounds is answered as Undeliverable; who sends it again is told the same", async () => {
    const request = await newDeadLetter(13, ({ source, id }) => {
      const queue = "vpn-connection-requests";
      const received = { queue, receivedAt: "2026-01-01T00:00:00.000Z", sequenceNumber: "1", resubmissions: 4, applicationProperties: {} };
      const applicationProperties = resubmissionPropertiesOf(received as ReceivedMessage, { source, id }, new Map([["k1", key]]));
      return { applicationProperties } as Partial<ServiceBusMessage>;
    });
    const answer = await ask.answerTo(request);
    assert.deepEqual(said(answer), ["Rejected", "Undeliverable"]);
    assert.equal(answer.messageId, `${ask.idOf(request)}.completed`);
    assert.deepEqual(answer.body.data.ticket, request.data.ticket);
    assert.equal(answer.body.data.timing.receivedAt, "2026-01-01T00:00:00.000Z", "its first arrival");
    await ask.send(request);
    const again = await eventually("the answer again", () => ask.answersTo(request)[1]);
    assert.deepEqual(again.body, answer.body);
  });
});

test("a request that is repeated while the host is dead has one answer when it is back", async () => {
  const request = requestFor(4, "killed");
  await ask.takes("killed", 60);
  await ask.send(request);
  await ask.reaches(request, "submitted");
  await Promise.all([killHost(), ask.send(request), ask.send(request)]);
  assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null]);
  await ask.send(request);
  await eventually("the answer again", () => ask.answersTo(request).length > 1);
  assert.equal(contents(ask.answersTo(request)).size, 1);
  await ask.onlyPutOf("killed");
});
