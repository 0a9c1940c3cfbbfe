import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import type { Connection, EventContext, Receiver, Sender } from "rhea";
import { startServiceBus } from "../../../local/service-bus/index.ts";
import { receiveBytes } from "../../../local/service-bus/rhea-adapter.ts";
import { eventually } from "../../support/eventually.ts";

// What brokers for this client fall into, and this one must not. Those that any namespace shows,
// too, are in test/conformance: 2,048 messages and then none, a missing message id, far timers,
// outcomes that are merged or reported twice, credit, drain, where browsing goes on. What is left
// shows on the wire, or in time.

const rhea = createRequire(import.meta.url)("rhea") as typeof import("rhea");
const { types } = rhea as unknown as { types: Record<string, (...values: unknown[]) => object> };

let directory: string;
let broker: Awaited<ReturnType<typeof startServiceBus>>;
let client: ServiceBusClient;
let raw: Connection;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "service-bus-"));
  const configFile = join(directory, "config.json");
  const Queues = [{ Name: "queue" }, { Name: "sessions", Properties: { RequiresSession: true } }];
  const Topics = [{ Name: "topic", Subscriptions: [{ Name: "all" }] }];
  await writeFile(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", Queues, Topics }] } }));
  broker = await startServiceBus({ port: 0, configFile });
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } });
  raw = rhea.create_container().connect({ host: "127.0.0.1", port: broker.port, username: "other-sdk", reconnect: false });
  await opened(raw, "connection_open");
});
after(async () => {
  raw.close();
  await client.close();
  await broker.close();
  await rm(directory, { recursive: true });
});

const opened = (emitter: { once(event: string, listener: (context: EventContext) => void): unknown }, event: string) =>
  new Promise<EventContext>((resolve) => emitter.once(event, resolve));
async function received(count: number, from = "queue"): Promise<ServiceBusReceivedMessage[]> {
  const receiver = client.createReceiver(from, { receiveMode: "receiveAndDelete" });
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const batch = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 5_000 });
    assert.ok(batch.length > 0, `${messages.length} of ${count} came`);
    messages.push(...batch);
  }
  await receiver.close();
  return messages;
}

test("head of line: a message that is held back lets the rest of the window through, and all the others once it is settled", async () => {
  const [count, window] = [2_200, 2_047];
  const sender = client.createSender("queue");
  for (let sent = 0; sent < count; sent += 550)
    await sender.sendMessages(Array.from({ length: 550 }, (_, index) => ({ body: sent + index, messageId: `${sent + index}` })));
  const receiver = client.createReceiver("queue");
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let done = 0;
  const errors: unknown[] = [];
  receiver.subscribe(
    {
      async processMessage({ body }) {
        if (body === 0) await held;
        done++;
      },
      processError: async ({ error }) => void errors.push(error),
    },
    { maxConcurrentCalls: 10 },
  );
  await eventually("the window is used up", () => done >= window);
  release();
  await eventually("everything has come", () => done === count);
  assert.deepEqual(errors, []);
  await receiver.close();
});

test("40 ms stalls: no exchange waits for a delayed acknowledgement of TCP", async () => {
  const sender = client.createSender("queue");
  const receiver = client.createReceiver("queue", { receiveMode: "receiveAndDelete" });
  const took: number[] = [];
  for (let exchange = 0; exchange < 20; exchange++) {
    const started = performance.now();
    await sender.sendMessages({ body: exchange });
    await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
    took.push(performance.now() - started);
  }
  // Each would take 40 ms and more; a busy machine slows some of them, not all.
  assert.ok(Math.min(...took) < 30, took.map(Math.round).join(" "));
});

test("credit: as many single sends at once as the client can hold do not wait for its retry delay of 30 s", async () => {
  const sender = client.createSender("queue");
  const started = performance.now();
  await Promise.all(Array.from({ length: 1_900 }, (_, body) => sender.sendMessages({ body })));
  assert.ok(performance.now() - started < 20_000);
  assert.equal((await received(1_900)).length, 1_900);
});

test("a transfer without a message format, as other SDKs write it, is a message", async () => {
  const sender = raw.open_sender("queue");
  await opened(sender, "sendable");
  const delivery = sender.send(rhea.message.encode({ message_id: "bare", body: "text" }) as never, undefined as never, 0);
  (delivery as { format?: number }).format = undefined as never;
  await opened(sender, "accepted");
  const [message] = await received(1);
  assert.deepEqual([message?.messageId, message?.body], ["bare", "text"]);
  sender.close();
});

test("bytes that are no message are refused, and harm nobody", async () => {
  const sender = raw.open_sender("queue");
  await opened(sender, "sendable");
  const list = [0xc0, 0x02, 0x01, 0x41];
  for (const bytes of [
    [1, 2, 3],
    [0, 0x53],
    [0, 0x53, 0x73, 0xd0, 0, 0, 9],
    [0, 0x53, 0x74, ...list],
    [0, 0x53, 0x72, 0xc1, 0x03, 0x02, 0xa1, 0x09],
  ]) {
    sender.send(Buffer.from(bytes) as never, undefined as never, 0);
    const { delivery } = await opened(sender, "rejected");
    const state = delivery?.remote_state as unknown as { error: { condition: string } } | undefined;
    assert.equal(state?.error.condition, "amqp:decode-error", Buffer.from(bytes).toString("hex"));
  }
  sender.close();
  await client.createSender("queue").sendMessages({ body: "still here" });
  assert.equal((await received(1))[0]?.body, "still here");
});

test("AMQP types: what a sender wrote reaches a receiver byte for byte, changed properties aside", async () => {
  const map = (entries: object) => (types["wrap_map"] as (map: object) => object)(entries);
  const properties = {
    byte: types["wrap_ubyte"]?.(1),
    long: types["wrap_ulong"]?.(1),
    short: types["wrap_short"]?.(-1),
    float: types["wrap_float"]?.(1),
    id: types["wrap_uuid"]?.(Buffer.alloc(16, 7)),
    character: types["wrap_char"]?.(97),
    symbol: types["wrap_symbol"]?.("s"),
  };
  const Writer = types["Writer"] as unknown as new () => { write(value: object): void; toBuffer(): Buffer };
  const bytesOf = (value: object) => {
    const writer = new Writer();
    writer.write(value);
    return writer.toBuffer();
  };
  const section = (code: number, value: object) => bytesOf(types["described_nc"]?.(types["wrap_ulong"]?.(code), value) as object);
  const sections = [
    section(0x73, (types["wrap_list"] as (list: unknown[]) => object)([types["wrap_ulong"]?.(5), null, "to"])),
    section(0x74, map(properties)),
    section(0x77, map({ body: types["wrap_ushort"]?.(2) })),
  ];
  const sender = raw.open_sender("queue");
  await opened(sender, "sendable");
  sender.send(Buffer.concat(sections) as never, undefined as never, 0);
  await opened(sender, "accepted");

  const receiver = raw.open_receiver({ source: "queue", credit_window: 0, autoaccept: false });
  await opened(receiver, "receiver_open");
  receiveBytes(receiver);
  receiver.add_credit(1);
  const first = await opened(receiver, "message");
  const bytes = first.message as unknown as Buffer;
  assert.ok(bytes.subarray(-Buffer.concat(sections).length).equals(Buffer.concat(sections)), bytes.toString("hex"));

  const outcomes = rhea.message as unknown as { modified(fields: object): { described(): object } };
  first.delivery?.update(false, outcomes.modified({ message_annotations: { short: "new", more: 1 } }).described() as never);
  receiver.add_credit(1);
  const second = (await opened(receiver, "message")).message as unknown as Buffer;
  for (const [name, value] of Object.entries(properties)) {
    const entry = Buffer.concat([bytesOf(types["wrap_string"]?.(name) as object), bytesOf(value as object)]);
    assert.equal(second.includes(entry), name !== "short", name);
  }
  assert.ok(second.subarray(-(sections[2]?.length ?? 0)).equals(sections[2] as Buffer));
  receiver.close();
  await eventually("its lock is over", () => {
    broker.expireLocks();
    return received(1);
  });
  sender.close();
});

test("who detaches while the attach is held back for a session harms nobody on the connection", async () => {
  const closed: unknown[] = [];
  raw.on("disconnected", () => closed.push("disconnected"));
  raw.on("connection_error", () => closed.push("error"));
  const filter = { "com.microsoft:session-filter": null };
  for (let round = 0; round < 3; round++) {
    const waiting = raw.open_receiver({ source: { address: "sessions", filter } as never, properties: { "com.microsoft:timeout": 5_000 } });
    // An answer to what is asked later shows that the broker has seen the attach.
    const probe = raw.open_receiver("queue");
    await opened(probe, "receiver_open");
    waiting.close();
    await opened(waiting, "receiver_close");
    probe.close();
    await opened(probe, "receiver_close");
  }
  await client.createSender("sessions").sendMessages({ body: 1, sessionId: "s" });
  const session = await client.acceptNextSession("sessions", { receiveMode: "receiveAndDelete" });
  assert.equal((await session.receiveMessages(1, { maxWaitTimeInMs: 5_000 })).length, 1);
  await session.close();
  assert.deepEqual(closed, []);
});

test("it listens on loopback only, because it takes any key, and says so by its address", async () => {
  assert.match(broker.connectionString, /^Endpoint=sb:\/\/127\.0\.0\.1:\d+;/);
  const others = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).filter(({ internal }) => !internal));
  for (const { address, scopeid } of others.filter((each) => !each.scopeid)) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: broker.port, timeout: 2_000 });
      socket.once("connect", () => resolve(false));
      for (const event of ["error", "timeout"]) socket.once(event, () => resolve(true));
      socket.once("connect", () => socket.destroy());
    });
    assert.ok(refused, `${address} ${scopeid ?? ""}`);
  }
});

test("the library is the version whose inside the adapter knows", () => {
  const { version } = createRequire(import.meta.url)("rhea/package.json") as { version: string };
  const adapter = readFileSync(join(import.meta.dirname, "..", "..", "..", "local", "service-bus", "rhea-adapter.ts"), "utf8");
  assert.ok(adapter.includes(`rhea ${version} `), version);
});

/**
 * What the real client, or another SDK, may ask for, and this broker does not have: each is refused
 * with a sentence.
 */
const refusals: readonly (readonly [what: string, ask: () => Promise<unknown>, says: RegExp])[] = [
  [
    "adding a rule",
    () => rules().createRule("r", { sqlExpression: "1=1" }),
    /does not support the operation com\.microsoft:add-rule; use a real/,
  ],
  ["removing a rule", () => rules().deleteRule("$Default"), /does not support the operation com\.microsoft:remove-rule/],
  ["listing rules", () => rules().listRules().next(), /does not support the operation com\.microsoft:enumerate-rules/],
  [
    "a transfer dead-letter queue",
    () => client.createReceiver("queue", { subQueueType: "transferDeadLetter" }).receiveMessages(1, { maxWaitTimeInMs: 1_000 }),
    /does not support transfer dead-letter queues/,
  ],
  [
    "receiving from a topic",
    () => client.createReceiver("topic").receiveMessages(1, { maxWaitTimeInMs: 1_000 }),
    /receive from a subscription/,
  ],
  ["sending to a subscription", () => client.createSender("topic/Subscriptions/all").sendMessages({ body: 1 }), /cannot be sent/],
  ["a transaction", coordinate, /does not support transactions/],
  [
    "deleting a batch",
    () => manage("com.microsoft:batch-delete-messages"),
    /does not support the operation com\.microsoft:batch-delete-messages/,
  ],
];
for (const [what, ask, says] of refusals) {
  test(`refused with a sentence: ${what}`, () =>
    assert.rejects(ask(), (error: Error & { retryable?: boolean }) => {
      assert.match(error.message, says);
      assert.notEqual(error.retryable, true, "nobody need try again");
      return true;
    }));
}

test("every refusal of the management node names its condition: the client would guess a wrong one from the number", async () => {
  await assert.rejects(manage("com.microsoft:nonsense"), { name: "amqp:not-implemented" });
  await assert.rejects(manage("com.microsoft:cancel-scheduled-message", { "sequence-numbers": [1] }), {
    name: "com.microsoft:message-not-found",
  });
  await assert.rejects(manage("com.microsoft:renew-session-lock", { "session-id": "nobody's" }), {
    name: "com.microsoft:session-lock-lost",
  });
  await assert.rejects(manage("com.microsoft:update-disposition", { "lock-tokens": [], "disposition-status": "lost" }), {
    name: "com.microsoft:argument-error",
  });
});

test("a client that was killed: what it held stays locked until the lock ends, which expireLocks brings about", async () => {
  const retrying = new ServiceBusClient(broker.connectionString, { retryOptions: { retryDelayInMs: 50, maxRetryDelayInMs: 100 } });
  await client.createSender("queue").sendMessages({ body: "held" });
  const victim = new ServiceBusClient(broker.connectionString);
  await victim.createReceiver("queue").receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  broker.dropConnections();
  void victim.close().catch(() => {});
  const receiver = retrying.createReceiver("queue");
  assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 200 }), []);
  assert.equal((await receiver.peekMessages(1))[0]?.deliveryCount, 0);
  broker.expireLocks();
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.equal(message?.deliveryCount, 1);
  if (message) await receiver.completeMessage(message);
  await retrying.close();
});

function rules() {
  return client.createRuleManager("topic", "all");
}

/**
 * Asks the management node of the queue as any SDK would; rejects with the condition as the error's
 * name.
 */
async function manage(operation: string, body: object = {}): Promise<unknown> {
  const address = "queue/$management";
  const receiver: Receiver = raw.open_receiver({ source: address, target: "reply-here" as never });
  const sender: Sender = raw.open_sender(address);
  await Promise.all([opened(receiver, "receiver_open"), opened(sender, "sendable")]);
  const answer = opened(receiver, "message");
  sender.send({ message_id: "1", reply_to: "reply-here", application_properties: { operation }, body: body as never });
  const { message } = await answer;
  receiver.close();
  sender.close();
  const { errorCondition, statusDescription } = message?.application_properties ?? {};
  if (errorCondition) throw Object.assign(new Error(String(statusDescription)), { name: String(errorCondition) });
  return message?.body;
}

/** Opens a link to the coordinator of transactions. */
async function coordinate(): Promise<void> {
  const sender = raw.open_sender("");
  const coordinator = types["described_nc"]?.(types["wrap_ulong"]?.(0x30), (types["wrap_list"] as (list: unknown[]) => object)([]));
  (sender as unknown as { local: { attach: { target: unknown } } }).local.attach.target = coordinator;
  await opened(sender, "sender_error");
  throw Object.assign(new Error(String((sender.error as { description?: string } | undefined)?.description)), { name: "refused" });
}
