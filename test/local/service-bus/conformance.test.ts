import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { startServiceBus } from "../../../local/service-bus/index.ts";
import { serviceBusConformance } from "../../conformance/service-bus.ts";

const lockDurationMs = 1500;

serviceBusConformance(async () => {
  const directory = mkdtempSync(join(tmpdir(), "service-bus-"));
  const configFile = join(directory, "config.json");
  const short = { LockDuration: `PT${lockDurationMs / 1000}S`, MaxDeliveryCount: 3 };
  const topic = { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: "PT1M" };
  const rule = { Name: "reply", Properties: { FilterType: "Correlation", CorrelationFilter: { Properties: { reply: "true" } } } };
  const config = {
    Queues: [
      { Name: "queue", Properties: short },
      { Name: "sessions", Properties: { RequiresSession: true } },
    ],
    Topics: [
      {
        Name: "topic",
        Properties: topic,
        Subscriptions: [{ Name: "all" }, { Name: "replies", Properties: { RequiresSession: true }, Rules: [rule] }],
      },
    ],
  };
  writeFileSync(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", ...config }] } }));
  const broker = await startServiceBus({ port: 0, configFile });
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } });
  return {
    client,
    queue: "queue",
    sessionQueue: "sessions",
    topic: "topic",
    lockDurationMs,
    async stop() {
      await client.close();
      await broker.close();
      rmSync(directory, { recursive: true });
    },
  };
});
