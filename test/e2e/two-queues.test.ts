import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { ServiceBusMessage, ServiceBusReceivedMessage } from "@azure/service-bus";
import { gatewayId } from "../../shared/resource-id.ts";
import { eventually } from "../support/eventually.ts";
import { configWithQueues } from "../support/queues.ts";
import { cancellationOf, requester, requestFor, type SampleEvent, said } from "../support/requester.ts";
import { call, startTestStack } from "../support/running-stack.ts";
import { structured } from "../support/sample.ts";

// Two senders against one another: with a queue and a prefix each, and on one queue without a
// prefix. A minute of product time takes two seconds.

type Stack = Awaited<ReturnType<typeof startTestStack>>;
const gateways = (...numbers: number[]) => numbers.map((number) => gatewayId({ ...requestFor(number, "any").data.target } as never));
const from = (source: string, event: SampleEvent): SampleEvent => ({ ...event, source });
const problemsOf = (answers: readonly ServiceBusReceivedMessage[]) => answers.map((answer) => said(answer)[1]);

describe("two queues with a prefix each", () => {
  let stack: Stack;
  let ask: ReturnType<typeof requester>;
  let portal: (event: object, more?: Partial<ServiceBusMessage>) => Promise<string>;
  before(async () => {
    stack = await startTestStack({
      speed: 30,
      serviceBusConfig: configWithQueues("portal-requests"),
      settings: {
        REQUEST_QUEUES: JSON.stringify({ "vpn-connection-requests": "/ticketing", "portal-requests": "/portal" }),
        ALLOWED_TARGETS: JSON.stringify({ "": gateways(1, 2, 3, 4, 5), "/portal/small": gateways(5) }),
      },
    });
    ask = requester(stack);
    const sender = stack.client.createSender("portal-requests");
    portal = async (event, more = {}) => {
      const message = structured(event, more);
      await sender.sendMessages(message);
      return String(message.messageId);
    };
  });
  after(() => stack.stop());

  /**
   * Sends to the portal's queue what it may not say; returns the refusal, which has the message's
   * id.
   */
  async function refused(event: object, more: Partial<ServiceBusMessage> = {}) {
    const answer = await ask.answerTo({ id: await portal(event, more) });
    assert.deepEqual(said(answer), ["Rejected", "SourceNotAllowed"]);
    assert.equal(answer.body.data.requestSource, "/service-bus/portal-requests");
    return answer;
  }

  test("each queue carries out what its own sources ask for, and bare bodies", async () => {
    const [ticket, web] = [requestFor(1, "ticket"), from("/portal/web", requestFor(2, "web"))];
    const bare = requestFor(3, "bare");
    await ask.send(ticket);
    await portal(web);
    await stack.client
      .createSender("portal-requests")
      .sendMessages({ body: Buffer.from(JSON.stringify(bare.data)), messageId: bare.id, contentType: "application/json" });
    for (const request of [ticket, web, bare]) assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null]);
    assert.equal((await ask.answerTo(bare)).body.data.requestSource, "/service-bus/portal-requests");
    assert.ok(!stack.lines.some((line) => /is not set|has no source prefix/.test(line)), "nothing is open");
  });

  test("what names a source of the other queue is refused in its own name, and the source is not touched", async () => {
    const request = requestFor(1, "not-yours");
    const replyToSessionId = randomUUID();
    const answer = await refused(request, { replyToSessionId });
    assert.deepEqual([answer.sessionId, answer.body.data.ticket], [replyToSessionId, request.data.ticket]);
    assert.equal(ask.answersTo(request).length, 0, "subscribers of the source hear nothing");
    await ask.send(request);
    assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null], "its claim was free");
    await ask.onlyPutOf("not-yours");
  });

  test("a cancellation works neither in the other's name nor in its own, not before the request and not after", async () => {
    const request = requestFor(2, "uncancelled");
    await ask.takes("uncancelled", 120);
    const inItsName = cancellationOf(request);
    const inOwnName = () => from("/portal/web", cancellationOf(request));
    const early = inOwnName();
    await refused(inItsName);
    await portal(early);
    assert.deepEqual(said(await ask.answerTo(early)), ["Rejected", "SourceNotAllowed"]);
    await ask.send(request);
    await ask.reaches(request, "submitted");
    const late = inOwnName();
    await refused(inItsName);
    await portal(late);
    assert.deepEqual(said(await ask.answerTo(late)), ["Rejected", "SourceNotAllowed"]);
    assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null]);
    assert.equal(ask.answersTo(request).length, 1);
  });

  test("a repetition of the other's request gets no answer of it; its own sender gets it on any session", async () => {
    const request = requestFor(3, "private");
    await ask.send(request, { replyToSessionId: randomUUID() });
    const first = await ask.answerTo(request);
    const [mine, theirs] = [randomUUID(), randomUUID()];
    await refused(request, { replyToSessionId: mine });
    await ask.send(request, { replyToSessionId: theirs });
    const again = await eventually("the answer again", () => ask.answersTo(request)[1]);
    assert.deepEqual([again.sessionId, again.body], [theirs, first.body]);
    assert.deepEqual(problemsOf(stack.received.filter(({ sessionId }) => sessionId === mine)), ["SourceNotAllowed"]);
  });

  test("an unreadable message gets no answer in the other's name", async () => {
    const { id, source } = requestFor(1, "unread");
    const text = JSON.stringify({ specversion: "1.0", type: "t", id, source, unheardOf: 1, data: {} });
    const messageId = randomUUID();
    await stack.client.createSender("portal-requests").sendMessages({ body: Buffer.from(text), messageId });
    assert.deepEqual(said(await ask.answerTo({ id: messageId })), ["Rejected", "UnreadableMessage"]);
    assert.equal(ask.answersTo({ id }).length, 0);
  });

  test("a gateway that a source may not change is refused before Azure is read", async () => {
    const request = from("/portal/small/shop", requestFor(4, "too-large"));
    await portal(request);
    assert.deepEqual(said(await ask.answerTo(request)), ["Rejected", "TargetNotAllowed"]);
    assert.ok((await stack.seen()).every(({ url }) => !url.includes("gateway4")));
    const small = from("/portal/small/shop", requestFor(5, "small"));
    await portal(small);
    assert.deepEqual(said(await ask.answerTo(small)), ["Succeeded", null]);
  });

  test("npm run send sends to the queue that is named", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "send-")), "request.json");
    writeFileSync(file, JSON.stringify(from("/portal/send", requestFor(5, "sent"))));
    const args = ["local/node.js", "tools/send.ts", "--json", file, "--queue", "portal-requests", "--data-dir", stack.dataDirectory];
    const env = { ...process.env, ServiceBus: stack.stack.endpoints.serviceBus };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    assert.deepEqual(JSON.parse(stdout).event.data.requestSource, "/portal/send");
  });

  test("a dead letter is sent to its own queue again", async () => {
    const receiver = stack.client.createReceiver("portal-requests");
    const sender = stack.client.createSender("portal-requests");
    const dead = await eventually("a message that the host did not get first", async () => {
      const receiving = receiver.receiveMessages(1, { maxWaitTimeInMs: 1_000 });
      await sender.sendMessages([1, 2].map(() => structured(from("/portal", requestFor(5, `dead-${randomUUID()}`)))));
      const [message] = await receiving;
      if (message) await receiver.deadLetterMessage(message);
      return message?.messageId;
    });
    const peeking = stack.client.createReceiver("portal-requests");
    const scheduled = await eventually("it is scheduled", async () =>
      (await peeking.peekMessages(100)).find(({ messageId, state }) => messageId === dead && state === "scheduled"),
    );
    assert.equal(scheduled.applicationProperties?.["resubmissions"], 1);
    await Promise.all([receiver, sender, peeking].map((open) => open.close()));
  });
});

describe("one queue without a prefix", () => {
  let stack: Stack;
  let ask: ReturnType<typeof requester>;
  before(async () => {
    stack = await startTestStack({ speed: 30 });
    ask = requester(stack);
  });
  after(() => stack.stop());

  test("the app says when it starts that every source may change everything", async () => {
    await eventually("the warning", () => stack.lines.some((line) => line.includes("ALLOWED_TARGETS is not set")));
  });

  test("another source cancels nothing, and whoever repeats a request gets no answer on a session of its own", async () => {
    const request = requestFor(1, "watched");
    const early = from("/mallory", cancellationOf(request));
    await ask.send(early);
    assert.deepEqual(said(await ask.answerTo(early)), ["Rejected", "SourceNotAllowed"]);
    const [first, second] = [randomUUID(), randomUUID()];
    await ask.send(request, { replyToSessionId: first });
    assert.deepEqual(said(await ask.answerTo(request)), ["Succeeded", null]);
    await ask.send(request, { replyToSessionId: second });
    const again = await eventually("the answer again", () => ask.answersTo(request)[1]);
    assert.equal(again.sessionId, first);
    assert.equal(stack.received.filter(({ sessionId }) => sessionId === second).length, 0);
  });

  test("ids that are one number for the worker are no ids", async () => {
    const bodies = ["1e3", "1000", "1000.0"].map((messageId) => ({ ...requestFor(2, `id-${messageId.replaceAll(/\W/g, "")}`), messageId }));
    for (const { data, messageId } of bodies)
      await stack.send({ body: Buffer.from(JSON.stringify(data)), messageId, contentType: "application/json" });
    await eventually("an answer to each", () => ask.answersTo({ id: "1000" }).length === 3);
    assert.deepEqual(problemsOf(ask.answersTo({ id: "1000" })), ["UnreadableMessage", "UnreadableMessage", "UnreadableMessage"]);
    assert.ok((await stack.seen()).every(({ url }) => !url.includes("/id-1")));
  });

  test("a secret that is no VPN key never leaves the vault", async () => {
    const { keyVault, caFile } = stack.stack.endpoints;
    const ca = readFileSync(String(caFile));
    const vault = (method: string, path: string, body?: object) => call(String(keyVault), method, path, body, ca);
    const outcomes = [];
    for (const [index, name] of ["prod-database-password", "VPN-branch"].entries()) {
      const { body } = await vault("PUT", `/local/secrets/${name}`, { value: `S3cret-${index}-of-the-vault` });
      const request = requestFor(3, `secret-${index}`);
      const [link = assert.fail()] = request.data.connection.properties.vpnLinkConnections;
      Object.assign(link.properties, { sharedKey: { keyVaultSecretUri: (body as { id: string }).id } });
      await ask.send(request);
      outcomes.push(said(await ask.answerTo(request)));
    }
    assert.deepEqual(outcomes, [
      ["Rejected", "SecretNotAllowed"],
      ["Succeeded", null],
    ]);
    const reads = (await vault("GET", "/local/requests")).body as { url: string }[];
    assert.ok(reads.every(({ url }) => !url.includes("prod-database-password")) && reads.some(({ url }) => url.includes("VPN-branch")));
  });
});
