import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { startAzure } from "../../local/azure/index.ts";
import type { SeenRequest } from "../../local/azure/resource-manager/server.ts";
import { createManualClock } from "../../local/clock.ts";
import type { App } from "../../local/functions-host/app/load-app.ts";
import type { HistoryEvent } from "../../local/functions-host/durable/events.ts";
import { createClientBinding } from "../../local/functions-host/http/client-binding.ts";
import { type FunctionsHost, startFunctionsHost } from "../../local/functions-host/index.ts";
import { startServiceBus } from "../../local/service-bus/index.ts";
import { clientsThatSend } from "./clients-that-send.ts";
import { loadSourceApp } from "./source-app.ts";

const brokerConfig = join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json");
const BOUND_MS = 30_000;
const traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** An instance as the management API shows it. */
export interface Shown {
  readonly name: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: { readonly step?: string } | null;
}

/**
 * The real app in this process, on the real host, a broker, a simulated Azure and a clock that only
 * a test moves. Once a process, because the app keeps its settings; as many runs as a test likes,
 * each on its own store. Messages are handed to the app by the test, which delivers until they
 * are taken.
 */
export async function startProduct({
  operationSeconds = 25,
  retryAfterSeconds = 10,
  settings = {},
  invoked = () => {},
  load = loadSourceApp,
}: {
  operationSeconds?: number;
  retryAfterSeconds?: number;
  settings?: Readonly<Record<string, string>>;
  /** Told of everything that the engine asks of a function. */
  invoked?: (...asked: Parameters<App["invoke"]>) => void;
  /** Loads the app with its settings. */
  load?: (settings: Readonly<Record<string, string>>) => Promise<App>;
} = {}) {
  const directory = mkdtempSync(join(tmpdir(), "product-"));
  const clock = createManualClock(Math.floor(Date.now() / 1000) * 1000);
  const azure = await startAzure({ port: 0, directory, clock, operationSeconds, retryAfterSeconds });
  setDefaultCACertificates([readFileSync(azure.caFile, "utf8")]);
  let broker = await startServiceBus({ port: 0, configFile: brokerConfig });
  const loaded = await load({
    ServiceBus: broker.connectionString,
    ARM_ENDPOINT: azure.resourceManagerUrl,
    SEALING_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64") }),
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
    IDENTITY_ENDPOINT: azure.identity.endpoint,
    IDENTITY_HEADER: azure.identity.header,
    ...settings,
  });
  // Triggers would act when they like; a test acts for them.
  const app: App = Object.create(loaded, {
    functions: {
      value: loaded.functions.filter(
        ({ bindings }) => !Object.values(bindings).some(({ type }) => /^(serviceBus|timer)Trigger$/.test(type)),
      ),
    },
    invoke: {
      value(...asked: Parameters<App["invoke"]>) {
        invoked(...asked);
        return loaded.invoke(...asked);
      },
    },
  });
  const senders = clientsThatSend();
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { retryDelayInMs: 50, maxRetryDelayInMs: 200 } });
  const events: ServiceBusReceivedMessage[] = [];
  client
    .createReceiver("vpn-connection-events", "all")
    .subscribe({ processMessage: async (message) => void events.push(message), processError: async () => {} });
  const control = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(new URL(path, azure.resourceManagerUrl), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.text();
  };
  let sequenceNumber = 0;

  /** Runs the app on its own store; `committed` is told of every transaction. */
  async function run({ committed = () => {} }: { committed?: () => void } = {}) {
    const dataDirectory = mkdtempSync(join(directory, "store-"));
    const log: string[] = [];
    const open = (port: number) =>
      startFunctionsHost({ app, dataDirectory, port, clock, settings: process.env, log: ({ message }) => log.push(message), committed });
    let host: FunctionsHost = await open(0);
    let crashing = Promise.resolve();
    const deliveries: Promise<unknown>[] = [];
    const store = new DatabaseSync(join(dataDirectory, "durable.sqlite"), { readOnly: true });
    const waiting = store.prepare(
      "SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM work) + (SELECT COUNT(*) FROM entity_inbox) AS count",
    );
    const call = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${host.url}/runtime/webhooks/durabletask/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      return { status: response.status, text: await response.text() };
    };
    const invoke = (name: string, invocation: Partial<Parameters<App["invoke"]>[1]>) => {
      const target = loaded.functions.find((known) => known.name === name);
      if (!target) throw new Error(`The app has no function ${name}`);
      return loaded.invoke(target, { trigger: {}, traceParent, durableClient: createClientBinding(host.url, "Test"), ...invocation });
    };

    /**
     * Waits for a condition; whenever nothing is under way, the clock goes on to the next timer.
     */
    async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
      const giveUpAt = performance.now() + BOUND_MS;
      for (;;) {
        await crashing;
        const result = await condition();
        if (result) return result;
        if (performance.now() > giveUpAt) throw new Error(`Not within ${BOUND_MS} ms: ${what}\n${log.slice(-40).join("\n")}`);
        const [next] = clock.pending();
        if (Number(waiting.get()?.["count"]) === 0 && next !== undefined) clock.advanceTo(next);
        await wait(2);
      }
    }

    // From the store, not from the host, which may be ended while it is asked.
    const instances = store.prepare(
      "SELECT name, status, input, output, custom_status FROM instances JOIN inputs ON instance = id WHERE id = ?",
    );
    const all = store.prepare("SELECT id, name FROM instances");
    const entities = store.prepare("SELECT state FROM entities WHERE id = ?");
    const events = store.prepare("SELECT value AS event FROM history, json_each(events) WHERE instance = ? ORDER BY episode, key");
    const parsed = (text: unknown) => JSON.parse(String(text ?? "null"));
    const status = (id: string): Shown | undefined => {
      const row = instances.get(id);
      return (
        row && {
          name: String(row["name"]),
          runtimeStatus: String(row["status"]),
          input: parsed(row["input"]),
          output: parsed(row["output"]),
          customStatus: parsed(row["custom_status"]),
        }
      );
    };
    return {
      log,
      call,
      until,
      status,
      /** Hands one message to the app, again and again until it is taken, as the broker would. */
      async deliver(event: object, { enqueuedAt = clock.now(), number }: { enqueuedAt?: number; number?: number } = {}): Promise<void> {
        sequenceNumber++;
        const texts = { MessageId: `message-${sequenceNumber}`, ContentType: "application/cloudevents+json" };
        const values = {
          DeliveryCount: 1,
          SequenceNumber: number ?? sequenceNumber,
          EnqueuedTimeUtc: new Date(enqueuedAt),
          ApplicationProperties: {},
        };
        const triggerMetadata = {
          ...Object.fromEntries(Object.entries(texts).map(([name, string]) => [name, { string }])),
          ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { json: JSON.stringify(value) }])),
        };
        for (let taken = false; !taken; ) {
          await crashing;
          const delivery = invoke("receiveRequest", { trigger: { bytes: Buffer.from(JSON.stringify(event)) }, triggerMetadata });
          deliveries.push(delivery);
          taken = await delivery.then(
            () => true,
            () => false,
          );
        }
      },
      /** Waits until an instance is in a state. */
      ends: (id: string, state = "Completed") =>
        until(`${id} is ${state}`, () => {
          const shown = status(id);
          return shown?.runtimeStatus === state ? shown : undefined;
        }),
      /** Waits until an instance shows a step in its custom status. */
      reaches: (id: string, step: string) => until(`${id} is at ${step}`, () => status(id)?.customStatus?.step === step),
      /** Every instance, by name and id. */
      instances: () => all.all().map(({ id, name }) => ({ instanceId: String(id), name: String(name) })),
      /** Ends an instance from outside. */
      terminate: (id: string) => call("POST", `instances/${id}/terminate?reason=test`),
      /** The state of an entity; null where there is none. */
      entity: (name: string, key: string): unknown => parsed(entities.get(`@${name.toLowerCase()}@${key}`)?.["state"]),
      /** The history of an instance as the store keeps it: what a trigger is given. */
      history: (id: string): HistoryEvent[] => events.all(id).map(({ event }) => parsed(event)),
      /** Looks for what was interrupted, as the timer does every two minutes. */
      sweep: () => invoke("sweepInterrupted", { trigger: { json: "{}" } }),
      /**
       * Ends the host as a killed process would end, and starts another one on the same store and
       * port.
       */
      crashAndRestart(): Promise<void> {
        crashing = host.crash().then(async () => {
          host = await open(host.port);
        });
        return crashing;
      },
      async stop(): Promise<void> {
        await crashing;
        await Promise.allSettled(deliveries);
        store.close();
        await host.close();
        rmSync(dataDirectory, { recursive: true, force: true });
      },
    };
  }

  return {
    clock,
    run,
    /** Every event that a subscriber of all events has received. */
    events,
    /** Scripts faults of Resource Manager. */
    script: (...faults: readonly object[]) => control("POST", "/local/faults", faults),
    /** What Resource Manager received, in order. */
    seen: async () => JSON.parse(await control("GET", "/local/requests")) as SeenRequest[],
    /** Takes the broker away, and answers the way to bring it back. */
    async withoutBroker(): Promise<() => Promise<void>> {
      const { port } = broker;
      await broker.close();
      return async () => {
        broker = await startServiceBus({ port, configFile: brokerConfig });
      };
    },
    async stop(): Promise<void> {
      await Promise.all([client, ...senders].map((open) => open.close()));
      await broker.close();
      await azure.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
