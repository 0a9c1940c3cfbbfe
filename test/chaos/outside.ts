import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiverOptions } from "@azure/service-bus";
import { startStack } from "../../local/stack/index.ts";
import { gatewayEntityKey } from "../../shared/durable/entity-keys.ts";
import { call, type SeenRequest } from "../support/running-stack.ts";
import { type Listed, managementOf } from "./management.ts";
import type { Call, Received, Trace } from "./trace.ts";

const LOOK_EVERY_MS = 100;
const NEVER_MS = 3_600_000;
const requests = "vpn-connection-requests";

/**
 * Starts a stack and watches it from the outside: events, statuses, log lines. Nothing that is
 * watched is touched: events are peeked at, not received.
 */
export async function startWatchedStack({ speed, app, rough }: { speed: number; app?: string; rough?: number | undefined }) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "chaos-"));
  const lines: string[] = [];
  let hostIsUp = true;
  let goneAt = 0;
  const away: { from: number; to: number }[] = [];
  const stack = await startStack({
    dataDirectory,
    port: 0,
    serviceBusPort: 0,
    speed,
    rough,
    ...(app === undefined ? {} : { app }),
    // Its own run: what it leaves behind must be told from what other tests are using.
    shell: { ...process.env, VPN_STACK_RUN_ID: randomUUID() },
    // With a prefix, a repetition is answered on its own session; what chaos puts into the vault
    // has names of the round.
    settings: { REQUEST_QUEUES: JSON.stringify({ "vpn-connection-requests": "/chaos" }) },
    onLine: (_service, line) => void lines.push(line),
    onHost: (event) => {
      hostIsUp = event === "back";
      if (event === "back") away.push({ from: goneAt, to: stack.clock.now() });
    },
  });
  const { endpoints, clock } = stack;
  const ca = readFileSync(String(endpoints.caFile));
  const client = new ServiceBusClient(endpoints.serviceBus, {
    retryOptions: { maxRetries: 5, retryDelayInMs: 100, maxRetryDelayInMs: 500, timeoutInMs: 5_000 },
  });
  const { instances, running, manage, claimOf } = managementOf(endpoints.functionsHost);
  const received: Received[] = [];
  const waiting: { instanceId: string; since: number }[] = [];
  let watching = true;
  let emptyLooks = 0;

  async function watchEvents(): Promise<void> {
    const events = client.createReceiver("vpn-connection-events", "all", { skipParsingBodyAsJson: true });
    while (watching) {
      const messages = await events.peekMessages(100).catch(() => []);
      for (const { messageId, correlationId, contentType, sessionId, body, applicationProperties: properties = {} } of messages) {
        const ids = { messageId: String(messageId), correlationId: String(correlationId), contentType: String(contentType) };
        received.push({ at: clock.now(), ...ids, ...(sessionId === undefined ? {} : { sessionId }), body: String(body), properties });
      }
      if (messages.length > 0) continue;
      emptyLooks++;
      await pause(LOOK_EVERY_MS);
    }
  }

  async function watchStatuses(): Promise<void> {
    while (watching) {
      const listed: Listed[] = await running().catch(() => []);
      for (const { instanceId, customStatus } of listed) {
        if (customStatus?.step !== "waiting" || waiting.some((known) => known.instanceId === instanceId)) continue;
        waiting.push({ instanceId, since: Date.parse(customStatus.at ?? "") });
      }
      await pause(LOOK_EVERY_MS);
    }
  }
  const watches = Promise.all([watchEvents(), watchStatuses()]);
  const sender = client.createSender(requests);

  /** The number that the queue gives to what comes now: that of a message which never arrives. */
  async function nextNumber() {
    const [number] = await sender.scheduleMessages({ messageId: "never", body: "" }, new Date(Date.now() + NEVER_MS));
    if (number === undefined) throw new Error("The queue gave no number");
    await sender.cancelScheduledMessages(number);
    return number;
  }
  const beginning = await nextNumber();

  async function peek(queue: string, options: ServiceBusReceiverOptions = {}): Promise<ServiceBusReceivedMessage[]> {
    const receiver = client.createReceiver(queue, { skipParsingBodyAsJson: true, ...options });
    try {
      // Without a number the SDK goes on where the last look at this queue has ended, and passes
      // over what has been there for longer.
      return await receiver.peekMessages(1000, { fromSequenceNumber: beginning });
    } finally {
      await receiver.close();
    }
  }
  const unread = async () =>
    [...(await peek(requests)), ...(await peek(requests, { subQueueType: "deadLetter" }))].map(({ messageId }) => String(messageId));
  /** The leases that are not free; one may remember what was changed. */
  async function heldLeases(gateways: readonly string[]): Promise<string[]> {
    const looks = gateways.map(async (gatewayName) => {
      const key = gatewayEntityKey({ subscriptionId: "subid", resourceGroupName: "rg1", gatewayName, connectionName: "" });
      const response = await manage(`entities/gateway/${key}`);
      if (response.status === 404) return [];
      const text = await response.text();
      const { holder, waiting, unsettled } = JSON.parse(text);
      return holder === null && waiting.length === 0 && unsettled.length === 0 ? [] : [`${gatewayName} (${text})`];
    });
    return (await Promise.all(looks)).flat();
  }

  async function calls(): Promise<{ readonly calls: Call[]; readonly signatures: string[] }> {
    const seen = (await call(endpoints.resourceManager, "GET", "/local/requests", undefined, ca)).body as SeenRequest[];
    const signatures = seen.flatMap(({ url }) => /[?&]h=([\w-]{20,})/.exec(url)?.[1] ?? []);
    const told = seen.map(({ at, method, url, headers, body, status, response, operation }) => {
      const correlationId = headers["x-ms-correlation-request-id"] ?? "";
      // What follows the path is signed, and of no use here.
      const apiVersion = /\/vpnConnections\/[^/]+\?(?:.*&)?api-version=([\d-]+)/i.exec(url)?.[1];
      const about = { at, method, url: url.replace(/\?.*/, ""), correlationId, status, ...(apiVersion ? { apiVersion } : {}) };
      const states = method === "GET" && status === 200 ? statesIn(response) : [];
      const shown = states.length > 0 ? { states, shows: withoutKeys(response) } : {};
      return {
        ...about,
        ...(method === "PUT" ? { body } : {}),
        ...shown,
        ...(operation ? { operation } : {}),
      };
    });
    return { calls: told, signatures: [...new Set(signatures)] };
  }

  let stopping: Promise<Trace["said"]> | undefined;
  async function stop(): Promise<Trace["said"]> {
    watching = false;
    await watches;
    await client.close();
    await stack.stop();
    const store = ["durable.sqlite", "durable.sqlite-wal"].map((file) => contentOf(join(dataDirectory, file)));
    rmSync(dataDirectory, { recursive: true, force: true });
    return { "the log": lines.join("\n"), "the store": store.join("\n") };
  }

  return {
    stack,
    received,
    waiting,
    running,
    manage,
    claimOf,
    unread,
    away,
    sender,
    hostIsUp: () => hostIsUp,
    killHost() {
      hostIsUp = false;
      goneAt = clock.now();
      process.kill(stack.hostPid(), "SIGKILL");
    },
    script: (method: "POST" | "DELETE", faults?: unknown) => call(endpoints.resourceManager, method, "/local/faults", faults, ca),
    async fillVault(secrets: Readonly<Record<string, string>>): Promise<void> {
      for (const [name, value] of Object.entries(secrets))
        await call(String(endpoints.keyVault), "PUT", `/local/secrets/${name}`, { value }, ca);
    },
    /** What can be seen at the end. */
    async lookAround(gateways: readonly string[]) {
      const unfinished = (await running()).map(({ instanceId, name, customStatus }) => `${instanceId} (${name}, ${customStatus?.step})`);
      const left = { leases: await heldLeases(gateways), instances: unfinished, messages: await unread() };
      const quarantined = (await peek(`${requests}-quarantine`)).map(({ messageId, body }) => ({
        messageId: String(messageId),
        bodySha256: createHash("sha256").update(body).digest("hex"),
      }));
      return { left, ...(await calls()), quarantined, nextNumber: (await nextNumber()).toNumber() };
    },
    /** Resolves when everything that has been published is known. */
    async caughtUp(): Promise<void> {
      const enough = emptyLooks + 2;
      while (emptyLooks < enough) await pause(LOOK_EVERY_MS);
    },
    /**
     * Puts what comes now, up to a certain message and as long as nobody else takes it, among the
     * dead letters; answers the message ids.
     */
    async deadLetter(last: string): Promise<string[]> {
      const receiver = client.createReceiver(requests, { skipParsingBodyAsJson: true });
      const buried: string[] = [];
      while (!buried.includes(last)) {
        const messages = await receiver.receiveMessages(20, { maxWaitTimeInMs: 500 }).catch(() => []);
        if (messages.length === 0) break;
        await Promise.allSettled(messages.map((message) => receiver.deadLetterMessage(message)));
        buried.push(...messages.map(({ messageId }) => String(messageId)));
      }
      await receiver.close().catch(() => {});
      return buried;
    },
    /**
     * Lets the time of messages that are scheduled come: the broker lives in real time, and nobody
     * waits for minutes.
     */
    async bringForward(): Promise<void> {
      const scheduled = (await peek(requests)).filter(({ state }) => state === "scheduled");
      for (const { sequenceNumber, body, messageId, contentType, replyToSessionId, applicationProperties } of scheduled) {
        const given = { messageId, contentType, replyToSessionId, applicationProperties };
        const message = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        // Should the host fall in between, the message comes twice rather than not at all.
        await sender.sendMessages({ ...message, body });
        if (sequenceNumber) await sender.cancelScheduledMessages(sequenceNumber);
      }
    },
    /** Everything that the management API tells, in one text. */
    async toldByManagement(): Promise<string> {
      const texts: string[] = [];
      for (const { instanceId } of await instances("showInput=false")) {
        const told = await manage(`instances/${instanceId}?showInput=true&showHistory=true&showHistoryOutput=true`);
        texts.push(await told.text());
      }
      return texts.join("\n");
    },
    /** Ends everything, once; answers what the stack has written. */
    stop: () => (stopping ??= stop()),
  };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** A connection as an event may show it. */
function withoutKeys(resource: unknown): unknown {
  return JSON.parse(JSON.stringify(resource, (name, value) => (name === "sharedKey" ? undefined : value)));
}

/** The provisioning states that the body of a connection shows: its own and those of its links. */
function statesIn(resource: unknown): string[] {
  const { properties } = (resource ?? {}) as { properties?: { provisioningState?: string; vpnLinkConnections?: (typeof resource)[] } };
  return [
    ...(properties?.provisioningState ? [properties.provisioningState] : []),
    ...(properties?.vpnLinkConnections ?? []).flatMap(statesIn),
  ];
}
