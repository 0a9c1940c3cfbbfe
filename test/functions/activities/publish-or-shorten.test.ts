import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient, ServiceBusError, type ServiceBusReceivedMessage } from "@azure/service-bus";
import fc from "fast-check";
import { isRefusedPermanently } from "../../../azure/broker-errors.ts";
import { createOutbox, type Outbox } from "../../../azure/service-bus.ts";
import { createServiceBusClient } from "../../../azure/service-bus-client.ts";
import { publishOrShorten } from "../../../functions/activities/publish-or-shorten.ts";
import { startServiceBus } from "../../../local/service-bus/index.ts";
import type { Completion } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import { minimalOf } from "../../../shared/contract/minimal.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { rejectionOf } from "../../../shared/contract/rejection.ts";
import { readSettings } from "../../../shared/settings.ts";
import { brokerErrors } from "../../orchestrations/faults.ts";
import { anyCompletion } from "../../support/any-completion.ts";
import { clientsThatSend } from "../../support/clients-that-send.ts";
import { eventually } from "../../support/eventually.ts";

// What the broker takes, and what becomes of an answer that it does not take: the real client, and
// the local broker with its limits.

let broker: Awaited<ReturnType<typeof startServiceBus>>;
let outbox: Outbox;
let client: ServiceBusClient;
const received: ServiceBusReceivedMessage[] = [];
const senders = clientsThatSend();
before(async () => {
  broker = await startServiceBus({
    port: 0,
    configFile: join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "config.json"),
  });
  const settings = readSettings({
    ServiceBus: broker.connectionString,
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32).toString("base64") }),
  });
  outbox = createOutbox(settings, createServiceBusClient(settings));
  client = new ServiceBusClient(broker.connectionString);
  client
    .createReceiver("vpn-connection-events", "all", { receiveMode: "receiveAndDelete" })
    .subscribe({ processMessage: async (message) => void received.push(message), processError: async () => {} });
});
after(async () => {
  await Promise.all([client, ...senders].map((open) => open.close()));
  await broker.close();
});

const asked = {
  requestId: "r",
  requestSource: "/s",
  traceparent: null,
  ticket: '{"id":1}',
  receivedAt: "2026-01-01T00:00:00.000Z",
  replySessionId: "mine",
};
const whole = (id: string): Completion => rejectionOf(id, asked, problem("OperationFailed", "a long story"), new Date(0));
const messageOf = (id: string) => eventually(`the message ${id}`, () => received.find(({ messageId }) => messageId === id), 20_000);

test("whatever answer is put together, the broker takes it as a whole", async () => {
  await fc.assert(
    fc.asyncProperty(anyCompletion, async (about) => {
      await outbox.publish(composeCompletion(about));
    }),
    { numRuns: 40 },
  );
});

test("an answer that is too large for the broker is sent in its minimal form, under the same event id and on its session", async () => {
  const { event, ...around } = whole("vpn-large.completed");
  const large = { ...around, event: { ...event, data: { ...event.data, resource: "x".repeat(300_000) } } };
  assert.equal(await publishOrShorten(outbox, large), "minimal");
  const message = await messageOf("vpn-large.completed");
  const minimal = JSON.parse(JSON.stringify(minimalOf(large).event)) as { data: object };
  assert.deepEqual(message.body, { ...minimal, data: { ...minimal.data, ticket: { id: 1 } } });
  assert.deepEqual([message.sessionId, message.applicationProperties?.["problemCode"]], ["mine", "OperationFailed"]);
});

test("an answer for a session that the broker does not take is sent as a whole, without a session", async () => {
  assert.equal(await publishOrShorten(outbox, { ...whole("vpn-session.completed"), replySessionId: "s".repeat(129) }), "whole");
  const message = await messageOf("vpn-session.completed");
  assert.deepEqual([message.sessionId, message.applicationProperties?.["reply"]], [undefined, undefined]);
});

test("a request can be sent again whatever properties it had: what the client cannot send goes as text", async () => {
  const queue = "vpn-connection-requests";
  const applicationProperties = { text: "t", flag: true, none: null, half: 0.5, bytes: Buffer.from("b"), huge: 1e300, least: -(2 ** 63) };
  const again = { queue, body: Buffer.from("{}"), contentType: undefined, messageId: "again", replySessionId: null, applicationProperties };
  await outbox.resubmit(again, new Date(0));
  const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  await receiver.close();
  const asText = { bytes: JSON.stringify(applicationProperties.bytes), huge: "1e+300", least: "-9223372036854776000" };
  assert.deepEqual(message?.applicationProperties, { ...applicationProperties, ...asText });
});

test("what the client says of a message that it will never send is told from a broker that is away", async () => {
  const sender = client.createSender("vpn-connection-events");
  const errorOf = (message: object) =>
    sender.sendMessages(message as never).then(
      () => assert.fail("it was sent"),
      (error: unknown) => error,
    );
  for (const message of [
    { body: "x", sessionId: "s".repeat(129) },
    { body: "x", messageId: "m".repeat(129) },
    { body: "x", correlationId: {} },
    { body: Buffer.alloc(300_000) },
  ])
    assert.ok(isRefusedPermanently(await errorOf(message)), JSON.stringify(message).slice(0, 80));
  await sender.close();
  for (const name of ["ArgumentError", "ArgumentOutOfRangeError", "InvalidOperationError"])
    assert.ok(isRefusedPermanently(new ServiceBusError(`${name}: no`, "GeneralError")), name);
  const passing = [
    ...Object.values(brokerErrors),
    new ServiceBusError("InternalServerError: x", "GeneralError"),
    new ServiceBusError("disabled", "MessagingEntityDisabled"),
    new Error("The underlying AMQP connection is closed."),
    Object.assign(new Error("aborted"), { name: "AbortError", code: "ABORT_ERR" }),
    "no error",
  ];
  for (const error of passing) assert.ok(!isRefusedPermanently(error), String(error));
});

/** An outbox that throws what it is told, try by try, and notes what it took. */
function refusing(...errors: readonly (Error | null)[]) {
  const taken: Completion[] = [];
  let tries = 0;
  const publish = async (completion: Completion) => {
    const error = errors[tries++];
    if (error) throw error;
    taken.push(completion);
  };
  return { taken, outbox: { publish, resubmit: async () => {}, quarantine: async () => {} } };
}
const forGood = new ServiceBusError("too large", "MessageSizeExceeded");
const away = new ServiceBusError("away", "ServiceTimeout");

test("the minimal form goes without a session if it is refused, too; a broker that is away gets the whole one next time", async () => {
  const answer = whole("vpn-2.completed");
  const twice = refusing(forGood, forGood, null);
  assert.equal(await publishOrShorten(twice.outbox, answer), "minimal");
  assert.deepEqual(twice.taken, [{ ...minimalOf(answer), replySessionId: null }]);

  const absent = refusing(away, null);
  await assert.rejects(publishOrShorten(absent.outbox, answer), away);
  assert.deepEqual(absent.taken, []);
  assert.equal(await publishOrShorten(absent.outbox, answer), "whole");

  const neither = refusing(forGood, away, forGood, null);
  await assert.rejects(publishOrShorten(neither.outbox, answer), away);
  assert.equal(await publishOrShorten(neither.outbox, answer), "minimal");
});
