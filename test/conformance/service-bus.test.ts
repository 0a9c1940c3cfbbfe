import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import { ServiceBusClient, type ServiceBusReceiver } from "@azure/service-bus";
import { startServiceBus } from "../../local/service-bus/index.ts";
import { serviceBusConformance } from "./service-bus.ts";

// What Service Bus shows the real client: asked of the local broker always, and of a namespace when
// SERVICEBUS_E2E is `true`. SERVICEBUS_E2E_CONNECTION is then its connection string, and its owner
// has made, for these tests alone, what `entities` says: the same names, rules and properties, with
// a lock duration of five seconds, which is the shortest there is
// (https://learn.microsoft.com/en-us/azure/service-bus-messaging/message-transfers-locks-settlement).

const lockDurationMs = 1_500;
const sqlRule = (name: string, sql: string) => ({ Name: name, Properties: { FilterType: "Sql", SqlFilter: { SqlExpression: sql } } });
const entities = {
  Queues: [
    {
      Name: "conformance-queue",
      Properties: { LockDuration: `PT${lockDurationMs / 1000}S`, MaxDeliveryCount: 3, DeadLetteringOnMessageExpiration: true },
    },
    { Name: "conformance-sessions", Properties: { LockDuration: `PT${lockDurationMs / 1000}S`, RequiresSession: true } },
  ],
  Topics: [
    {
      Name: "conformance-topic",
      Properties: { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: "PT1M" },
      Subscriptions: [
        { Name: "all" },
        {
          Name: "replies",
          Properties: { RequiresSession: true },
          Rules: [{ Name: "reply", Properties: { FilterType: "Correlation", CorrelationFilter: { Properties: { reply: "true" } } } }],
        },
        {
          Name: "failed",
          Rules: [sqlRule("failed", "outcome IN ('Failed', 'Rejected') AND sys.Label = 'completed'"), sqlRule("urgent", "urgent = TRUE")],
        },
      ],
    },
  ],
};
const names = { queue: "conformance-queue", sessionQueue: "conformance-sessions", topic: "conformance-topic" };
const TIMEOUT_MS = 20_000;

for (const kept of ["memory", "a data directory"]) {
  describe(`the local broker, in ${kept}`, () => {
    serviceBusConformance(false, async () => {
      const directory = mkdtempSync(join(tmpdir(), "service-bus-"));
      const configFile = join(directory, "config.json");
      writeFileSync(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", ...entities }] } }));
      const broker = await startServiceBus({
        port: 0,
        configFile,
        ...(kept === "memory" ? {} : { dataDirectory: join(directory, "data") }),
      });
      const connect = (timeoutInMs: number) =>
        new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs } });
      const client = connect(TIMEOUT_MS);
      return {
        ...names,
        client,
        connect,
        lockDurationMs,
        async stop() {
          await client.close();
          await broker.close();
          rmSync(directory, { recursive: true });
        },
      };
    });
  });
}

describe("a namespace in Azure", { skip: process.env["SERVICEBUS_E2E"] === "true" ? false : "SERVICEBUS_E2E is not true" }, () => {
  serviceBusConformance(true, async () => {
    const connectionString = process.env["SERVICEBUS_E2E_CONNECTION"];
    if (!connectionString) throw new Error("SERVICEBUS_E2E_CONNECTION must be the connection string of a namespace.");
    const connect = (timeoutInMs: number) => new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs } });
    const client = connect(TIMEOUT_MS);
    await emptied(client);
    return { ...names, client, connect, lockDurationMs: 5_000, stop: () => client.close() };
  });
});

/** Removes what an earlier run that failed has left. */
async function emptied(client: ServiceBusClient): Promise<void> {
  const { queue, sessionQueue, topic } = names;
  const removeFrom = async (receiver: ServiceBusReceiver) => {
    while ((await receiver.receiveMessages(500, { maxWaitTimeInMs: 2_000 })).length > 0);
    await receiver.close();
  };
  const mode = { receiveMode: "receiveAndDelete" } as const;
  const dead = { ...mode, subQueueType: "deadLetter" } as const;
  await Promise.all([
    ...[mode, dead].map((options) => removeFrom(client.createReceiver(queue, options))),
    ...["all", "failed"].map((subscription) => removeFrom(client.createReceiver(topic, subscription, mode))),
    removeFrom(client.createReceiver(topic, "replies", dead)),
  ]);
  const noMore = () => undefined;
  for (const next of [() => client.acceptNextSession(sessionQueue, mode), () => client.acceptNextSession(topic, "replies", mode)]) {
    for (let session = await next().catch(noMore); session; session = await next().catch(noMore)) await removeFrom(session);
  }
}
