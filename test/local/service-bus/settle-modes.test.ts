import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Connection, EventContext, Receiver, Sender } from "rhea";
import { startServiceBus } from "../../../local/service-bus/index.ts";
import { eventually } from "../../support/eventually.ts";

// Who settles when is what the client asks for, on every link: the .NET client counts on the
// answer.

const rhea = createRequire(import.meta.url)("rhea") as typeof import("rhea");
let directory: string;
let broker: Awaited<ReturnType<typeof startServiceBus>>;
let raw: Connection;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "settle-modes-"));
  const configFile = join(directory, "config.json");
  const Topics = [{ Name: "topic", Subscriptions: [{ Name: "all" }] }];
  writeFileSync(
    configFile,
    JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", Queues: [{ Name: "queue" }], Topics }] } }),
  );
  broker = await startServiceBus({ port: 0, configFile });
  raw = rhea.create_container().connect({ host: "127.0.0.1", port: broker.port, username: "other-sdk", reconnect: false });
  await opened(raw, "connection_open");
});
after(async () => {
  raw.close();
  await broker.close();
  rmSync(directory, { recursive: true });
});

const opened = (emitter: { once(event: string, listener: (context: EventContext) => void): unknown }, event: string) =>
  new Promise<EventContext>((resolve) => emitter.once(event, resolve));

for (const address of ["$cbs", "queue", "queue/$management", "topic", "topic/Subscriptions/all"]) {
  for (const [snd, rcv] of [
    [0, 0],
    [1, 0],
    [2, 0],
    [0, 1],
  ] as const) {
    test(`settle modes ${snd} and ${rcv} are answered by every link with ${address} as they were asked for`, async () => {
      const modes = { snd_settle_mode: snd, rcv_settle_mode: rcv } as const;
      const modesOf = (link: Sender | Receiver) => {
        const { snd_settle_mode, rcv_settle_mode } = link as unknown as Record<string, unknown>;
        return [snd_settle_mode, rcv_settle_mode];
      };
      if (!address.includes("Subscriptions")) {
        const sender = raw.open_sender({ target: { address }, ...modes });
        await opened(sender, "sender_open");
        assert.deepEqual(modesOf(sender), [snd, rcv]);
        sender.close();
      }
      if (address !== "topic") {
        const receiver = raw.open_receiver({ source: { address }, credit_window: 0, ...modes });
        await opened(receiver, "receiver_open");
        assert.deepEqual(modesOf(receiver), [snd, rcv]);
        receiver.close();
      }
    });
  }
}

test("requests that are sent settled, two at once, are both answered, and settled if that was asked for", async () => {
  const replies = raw.open_receiver({ name: "cbs-replies", source: { address: "$cbs" }, snd_settle_mode: 1, autoaccept: false });
  await opened(replies, "receiver_open");
  const requests = raw.open_sender({ target: { address: "$cbs" }, snd_settle_mode: 1 });
  await opened(requests, "sendable");
  const answered: unknown[] = [];
  replies.on("message", ({ message, delivery }: EventContext) => {
    answered.push([message?.correlation_id, (delivery as unknown as { remote_settled: boolean }).remote_settled]);
  });
  for (const message_id of ["one", "two"]) requests.send({ message_id, reply_to: "cbs-replies", body: "token" });
  await eventually("both are answered", () => answered.length === 2);
  assert.deepEqual(answered, [
    ["one", true],
    ["two", true],
  ]);
  for (const link of [requests, replies]) link.close();
});
