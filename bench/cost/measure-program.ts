import { randomBytes } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { ServiceBusClient } from "@azure/service-bus";
import { startAzure } from "../../local/azure/index.ts";
import type { SeenRequest } from "../../local/azure/resource-manager/server.ts";
import { createManualClock } from "../../local/clock.ts";
import { type App, functionsOf, loadApp, triggerOf } from "../../local/functions-host/app/load-app.ts";
import { startFunctionsHost } from "../../local/functions-host/index.ts";
import { findNextOccurrence } from "../../local/functions-host/triggers/timer.ts";
import { startServiceBus } from "../../local/service-bus/index.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { call } from "../../test/support/running-stack.ts";
import { sampleEvent, structured } from "../../test/support/sample.ts";
import type { Counts, Duration, Measured, MeasureOptions } from "./counts.ts";
import { scaleGroupOf } from "./scale-group.ts";

// A program: the built app with host, broker and Azure in this process, on a clock that jumps from
// one durable timer to the next. Counts what requests cost, and prints it. A program, because the
// app holds its connections for as long as its process lives.

const BOUND_MS = 60_000;
const MONTH_DAYS = 30;
/** Longer than the longest duration. */
const DEADLINE_MINUTES = 480;

const options = JSON.parse(process.argv[2] ?? "") as MeasureOptions;
const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "cost-"));
const clock = createManualClock(Math.floor(Date.now() / 1000) * 1000);
const broker = await startServiceBus({ port: 0, configFile: join(root, "local", "service-bus", "config.json") });
const azure = await startAzure({ port: 0, directory, clock });
const ca = readFileSync(azure.caFile);
setDefaultCACertificates([ca.toString()]);
Object.assign(process.env, {
  ServiceBus: broker.connectionString,
  ARM_ENDPOINT: azure.resourceManagerUrl,
  IDENTITY_ENDPOINT: azure.identity.endpoint,
  IDENTITY_HEADER: azure.identity.header,
  AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  SEALING_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64") }),
});
if (options.keep) {
  mkdirSync(options.keep, { recursive: true });
  writeFileSync(join(options.keep, "host.log"), "");
}
const executions = new Map<string, number>();
let logBytes = 0;
// What the app prints at its start is no part of the result.
console.info = console.error;
const loaded = await loadApp(root);
// The schedules do not run: an hour of waits would bring some of their executions, not all.
const app: App = Object.create(loaded, {
  functions: { value: loaded.functions.filter((target) => triggerOf(target).type !== "timerTrigger") },
  invoke: {
    value(...[target, invocation]: Parameters<App["invoke"]>) {
      executions.set(target.name, (executions.get(target.name) ?? 0) + 1);
      note({ category: "host", function: target.name, message: "Executing" });
      return loaded.invoke(target, invocation);
    },
  },
  log: {
    get: () => loaded.log,
    set: (to: App["log"]) => (loaded.log = to),
  },
});
const host = await startFunctionsHost({
  ...{ app, dataDirectory: directory, port: 0, clock, settings: process.env },
  log(entry) {
    logBytes += Buffer.byteLength(entry.message);
    note(entry);
  },
});
const client = new ServiceBusClient(broker.connectionString);
const requests = client.createSender("vpn-connection-requests");
const events: string[] = [];
client
  .createReceiver("vpn-connection-events", "all")
  .subscribe({ processMessage: async ({ body }) => void events.push(String(body.data.requestId)), processError: async () => {} });
const store = new DatabaseSync(join(directory, "durable.sqlite"), { readOnly: true });
const status = store.prepare("SELECT status FROM instances WHERE id = ?");
const running = store.prepare("SELECT count(*) AS count FROM instances WHERE status NOT IN ('Completed', 'Failed', 'Terminated')");
const waiting = store.prepare(
  "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM work) + (SELECT count(*) FROM entity_inbox) AS count",
);
const historyBytes = store.prepare("SELECT coalesce(sum(length(value)), 0) AS count FROM history, json_each(events)");
const polls = store.prepare("SELECT count(*) AS count FROM history, json_each(events) WHERE value ->> 'Name' = 'pollOperation'");
const read = (query: { get(): unknown }) => (query.get() as { count: number }).count;
const groups = new Map(app.functions.map((target) => [target.name, scaleGroupOf(target)]));
let subscriptions = 0;

const counts: Counts[] = [];
for (const duration of options.durations) counts.push(await countWork(duration));
const measured: Measured = { requests: options.requests, counts, timers: timerExecutions() };
if (options.keep) writeFileSync(join(options.keep, "resource-manager.json"), JSON.stringify(await seen()));
store.close();
await host.close();
// Only a closed store is one file.
if (options.keep) copyFileSync(join(directory, "durable.sqlite"), join(options.keep, "durable.sqlite"));
rmSync(directory, { recursive: true });
process.stdout.write(JSON.stringify(measured), () => process.exit());

/** Runs the requests of one duration to their end. Returns their mean work. */
async function countWork(duration: Duration): Promise<Counts> {
  const headers = duration.seconds === 0 ? { "azure-asyncoperation": null } : { "retry-after": null };
  await control("DELETE", "/local/faults");
  await control("POST", "/local/faults", [
    { connection: "*", on: "put", times: "always", operation: { seconds: duration.seconds }, headers },
    { connection: "*", on: "poll", times: "always", headers },
  ]);
  const before = await snapshot();
  executions.clear();
  const sent = Array.from({ length: options.requests }, (_, index) => requestNumber(duration, index));
  for (const event of sent) await requests.sendMessages(structured(event));
  const instances = sent.map(({ source, id }) => instanceIdOf(source, id));
  await until("every request has begun", () => instances.every((id) => status.get(id)));
  await until("every instance has ended", () => {
    const isQuiet = read(waiting) === 0;
    const [next] = clock.pending();
    if (isQuiet && read(running) === 0) return true;
    if (isQuiet && next !== undefined) clock.advanceTo(next);
    return false;
  });
  await until("every completion has come", () => sent.every(({ id }) => events.includes(id)));
  const after = await snapshot();
  const mean = (kind: keyof typeof before) => (after[kind] - before[kind]) / options.requests;
  const perFunction = Object.fromEntries([...executions].sort().map(([name, count]) => [name, count / options.requests]));
  const perGroup: Record<string, number> = {};
  for (const [name, count] of Object.entries(perFunction)) {
    const group = groups.get(name) ?? name;
    perGroup[group] = (perGroup[group] ?? 0) + count;
  }
  return {
    ...duration,
    polls: mean("polls"),
    executions: perFunction,
    groups: perGroup,
    resourceManagerCalls: mean("calls"),
    messages: 1 + mean("events"),
    logBytes: mean("logBytes"),
    historyBytes: mean("historyBytes"),
  };
}

async function snapshot() {
  const calls = (await seen()).length;
  return { calls, logBytes, events: events.length, polls: read(polls), historyBytes: read(historyBytes) };
}

/**
 * Returns a request with a key on each link. All that it names is in its own subscription, so it
 * shares no read with another request. Its id is the same in each run, because the waits follow
 * from it.
 */
function requestNumber({ seconds }: Duration, index: number): ReturnType<typeof sampleEvent> {
  const event = sampleEvent((sample) => {
    sample.id = `cost-${seconds}-${index}`;
    sample.data.deadlineMinutes = DEADLINE_MINUTES;
  });
  const subscription = `00000000-0000-4000-8000-${String(++subscriptions).padStart(12, "0")}`;
  return JSON.parse(JSON.stringify(event).replaceAll(event.data.target.subscriptionId, subscription));
}

function timerExecutions(): Record<string, number> {
  const start = Date.UTC(2026, 0, 1) - 1;
  const end = start + MONTH_DAYS * 86_400_000;
  return Object.fromEntries(
    functionsOf(loaded, "timerTrigger").map((target) => {
      const schedule = String(triggerOf(target)["schedule"]);
      let count = 0;
      for (let time = findNextOccurrence(schedule, start); time <= end; time = findNextOccurrence(schedule, time)) count++;
      return [target.name, count];
    }),
  );
}

function note(entry: object): void {
  if (!options.keep) return;
  appendFileSync(join(options.keep, "host.log"), `${JSON.stringify({ time: new Date(clock.now()).toISOString(), ...entry })}\n`);
}

async function until(what: string, isTrue: () => unknown): Promise<void> {
  const giveUpAt = performance.now() + BOUND_MS;
  while (!isTrue()) {
    if (performance.now() > giveUpAt) throw new Error(`Not within ${BOUND_MS / 1000} s: ${what}.`);
    await wait(2);
  }
}

async function seen(): Promise<SeenRequest[]> {
  return (await control("GET", "/local/requests")).body as SeenRequest[];
}

function control(method: string, path: string, body?: unknown) {
  return call(azure.resourceManagerUrl, method, path, body, ca);
}
