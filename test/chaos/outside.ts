import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient, type ServiceBusReceiverOptions } from "@azure/service-bus";
import { startStack } from "../../local/stack/index.ts";
import { gatewayKeyOf } from "../../shared/instance-id.ts";
import { call, type SeenRequest } from "../support/running-stack.ts";
import { type Listed, managementOf } from "./management.ts";
import type { Call, Received, Trace } from "./trace.ts";

const LOOK_EVERY_MS = 100;
const requests = "vpn-connection-requests";

/** Starts a stack and watches it from the outside: events, statuses, log lines. Nothing that is watched is touched: events are peeked at, not received. */
export async function startWatchedStack({ speed, app }: { speed: number; app?: string }) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "chaos-"));
  const lines: string[] = [];
  let hostIsUp = true;
  const stack = await startStack({
    dataDirectory,
    port: 0,
    serviceBusPort: 0,
    speed,
    ...(app === undefined ? {} : { app }),
    // A run of its own: what it leaves behind must be told from what other tests are using.
    shell: { ...process.env, VPN_STACK_RUN_ID: randomUUID() },
    onLine: (_service, line) => void lines.push(line),
    onHost: (event) => {
      hostIsUp = event === "back";
    },
  });
  const { endpoints, clock } = stack;
  const ca = readFileSync(String(endpoints.caFile));
  const client = new ServiceBusClient(endpoints.serviceBus, {
    retryOptions: { maxRetries: 5, retryDelayInMs: 100, maxRetryDelayInMs: 500, timeoutInMs: 5_000 },
  });
  const { instances, running, manage } = managementOf(endpoints.functionsHost);
  const received: Received[] = [];
  const waiting: { instanceId: string; since: number }[] = [];
  let watching = true;

  async function watchEvents(): Promise<void> {
    const events = client.createReceiver("vpn-connection-events", "all", { skipParsingBodyAsJson: true });
    while (watching) {
      const messages = await events.peekMessages(100).catch(() => []);
      for (const { messageId, correlationId, body, applicationProperties: properties = {} } of messages) {
        const ids = { messageId: String(messageId), correlationId: String(correlationId) };
        received.push({ at: clock.now(), ...ids, body: String(body), properties });
      }
      if (messages.length === 0) await pause(LOOK_EVERY_MS);
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

  async function peek(queue: string, options: ServiceBusReceiverOptions = {}): Promise<string[]> {
    const receiver = client.createReceiver(queue, { skipParsingBodyAsJson: true, ...options });
    const messages = await receiver.peekMessages(1000);
    await receiver.close();
    return messages.map(({ messageId }) => String(messageId));
  }
  const unread = async () => [...(await peek(requests)), ...(await peek(requests, { subQueueType: "deadLetter" }))];

  /** The leases that are not free: an entity that is back at its initial state is removed. */
  async function heldLeases(gateways: readonly string[]): Promise<string[]> {
    const looks = gateways.map(async (gatewayName) => {
      const key = gatewayKeyOf({ subscriptionId: "subid", resourceGroupName: "rg1", gatewayName, connectionName: "" });
      const response = await manage(`entities/gatewayLease/${key}`);
      return response.status === 404 ? [] : [`${gatewayName} (${await response.text()})`];
    });
    return (await Promise.all(looks)).flat();
  }

  async function calls(): Promise<Call[]> {
    const seen = (await call(endpoints.resourceManager, "GET", "/local/requests", undefined, ca)).body as SeenRequest[];
    return seen.map(({ at, method, url, headers, status, operation }) => {
      const correlationId = headers["x-ms-correlation-request-id"] ?? "";
      // What follows the path is signed, and of no use here.
      return { at, method, url: url.replace(/\?.*/, ""), correlationId, status, ...(operation ? { operation } : {}) };
    });
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
    unread,
    sender: client.createSender(requests),
    hostIsUp: () => hostIsUp,
    killHost() {
      hostIsUp = false;
      process.kill(stack.hostPid(), "SIGKILL");
    },
    script: (method: "POST" | "DELETE", faults?: unknown) => call(endpoints.resourceManager, method, "/local/faults", faults, ca),
    /** What can be seen at the end. */
    async lookAround(gateways: readonly string[]) {
      const unfinished = (await running()).map(({ instanceId, name, customStatus }) => `${instanceId} (${name}, ${customStatus?.step})`);
      const left = { leases: await heldLeases(gateways), instances: unfinished, messages: await unread() };
      return { left, calls: await calls(), quarantined: await peek(`${requests}-quarantine`) };
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
