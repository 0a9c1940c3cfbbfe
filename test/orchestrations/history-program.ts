import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { ServiceBusClient } from "@azure/service-bus";
import type { KeptHistory } from "../../bench/waiting-cost.ts";
import { startAzure } from "../../local/azure/index.ts";
import { createManualClock } from "../../local/clock.ts";
import { loadApp } from "../../local/functions-host/app/load-app.ts";
import { eventType } from "../../local/functions-host/durable/events.ts";
import { startFunctionsHost } from "../../local/functions-host/index.ts";
import { startServiceBus } from "../../local/service-bus/index.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// A program: the built app with host, broker and Azure in this process, on a clock that jumps from
// one durable timer to the next. Prints what the instances of two provisionings keep. A program,
// because the app holds its connections for as long as its process lives.

const operations = [
  { seconds: 600, retryAfter: "100" },
  { seconds: 1800, retryAfter: "10" },
];
const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "history-"));
// Not at a full second, at which the app's schedule is due: so its timers are told from those of
// orchestrations.
const clock = createManualClock(Date.UTC(2026, 2, 1) + 7);
const broker = await startServiceBus({ port: 0, configFile: join(root, "local", "service-bus", "config.json") });
const azure = await startAzure({ port: 0, directory, clock });
setDefaultCACertificates([readFileSync(azure.caFile, "utf8")]);
Object.assign(process.env, {
  ServiceBus: broker.connectionString,
  ARM_ENDPOINT: azure.resourceManagerUrl,
  IDENTITY_ENDPOINT: azure.identity.endpoint,
  IDENTITY_HEADER: azure.identity.header,
  AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  SEALING_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64") }),
});
// What the app prints at its start is no part of the result.
console.info = console.error;
const app = await loadApp(root);
const host = await startFunctionsHost({ app, dataDirectory: directory, port: 0, clock, settings: process.env, log: () => {} });
const client = new ServiceBusClient(broker.connectionString);
const requests = client.createSender("vpn-connection-requests");
const store = new DatabaseSync(join(directory, "durable.sqlite"), { readOnly: true });
const status = store.prepare("SELECT status FROM instances WHERE id = ?");
const history = store.prepare(
  `SELECT count(*) AS events, sum(length(value)) AS bytes, sum(value ->> 'EventType' = ${eventType.OrchestratorStarted}) AS episodes
   FROM history, json_each(events) WHERE instance = ?`,
);
const polls = store.prepare(
  "SELECT count(*) AS polls FROM history, json_each(events) WHERE instance = ? AND value ->> 'Name' = 'pollOperation'",
);

const kept: KeptHistory[] = [];
for (const [index, { seconds, retryAfter }] of operations.entries()) {
  const connectionName = `connection${index}`;
  const headers = { "retry-after": retryAfter };
  await script([
    { connection: connectionName, on: "put", operation: { seconds }, headers },
    { connection: connectionName, on: "poll", times: "always", headers },
  ]);
  const event = sampleEvent((sample) => {
    sample.id = `0b9f9d5e-6c1f-4a53-8f0e-3a5d1a4c7e2${index}`;
    Object.assign(sample.data.target, { connectionName });
  });
  await requests.sendMessages(structured(event));
  const instance = instanceIdOf(event.source, event.id);
  while ((status.get(instance) as { status: string } | undefined)?.status !== "Completed") {
    const due = clock.pending().find((time) => time % 1000 !== 0);
    if (due !== undefined) clock.advanceTo(due);
    await turn();
  }
  kept.push({ ...polls.get(instance), ...history.get(instance) } as unknown as KeptHistory);
}
store.close();
await host.close();
rmSync(directory, { recursive: true });
process.stdout.write(JSON.stringify(kept), () => process.exit());

function script(faults: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL("/local/faults", azure.resourceManagerUrl), { method: "POST", agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(faults));
  });
}
