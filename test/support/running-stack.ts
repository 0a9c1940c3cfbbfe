import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";
import type { SeenRequest } from "../../local/azure/resource-manager/server.ts";
import { stepIn } from "../../local/narration.ts";
import { startStack } from "../../local/stack/index.ts";
import type { StackOptions } from "../../local/stack/options.ts";
import type { Step } from "../../local/step-sentences.ts";

export type { SeenRequest };

/**
 * Starts its own stack for one test file, in child processes as a user has them, with the
 * verbs that tests speak.
 */
export async function startTestStack(options: Partial<StackOptions> = {}) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "vpn-stack-"));
  const steps: Step[] = [];
  const lines: string[] = [];
  const stack = await startStack({
    dataDirectory,
    port: 0,
    serviceBusPort: 0,
    speed: 1,
    shell: process.env,
    onLine: (_service, line) => {
      lines.push(line);
      const step = stepIn(line);
      if (step) steps.push(step);
    },
    ...options,
  });
  const client = new ServiceBusClient(stack.endpoints.serviceBus);
  const requests = client.createSender("vpn-connection-requests");
  const events = client.createReceiver("vpn-connection-events", "all");
  const received: ServiceBusReceivedMessage[] = [];
  events.subscribe({ processMessage: async (message) => void received.push(message), processError: async () => {} });
  const ca = stack.endpoints.caFile ? readFileSync(stack.endpoints.caFile) : undefined;

  return {
    stack,
    dataDirectory,
    /** Steps and raw lines of the log so far. */
    steps,
    lines,
    /** Every event that a subscriber of all events received so far. */
    received,
    client,
    /** Sends a message as it is. */
    send: (message: ServiceBusMessage) => requests.sendMessages(message),
    /** Calls the simulator: its control API, or Resource Manager itself with a token. */
    azure: (method: string, path: string, body?: unknown, token?: string) =>
      call(stack.endpoints.resourceManager, method, path, body, ca, token),
    /** What Resource Manager received, in order. */
    async seen(): Promise<SeenRequest[]> {
      return (await call(stack.endpoints.resourceManager, "GET", "/local/requests", undefined, ca)).body as SeenRequest[];
    },
    async stop() {
      await client.close();
      await stack.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Calls the simulator over TLS; `ca` is its certificate. */
export function call(endpoint: string, method: string, path: string, body: unknown, ca: Buffer | undefined, token?: string) {
  return new Promise<{ status: number; text: string; body: unknown }>((resolve, reject) => {
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    const sent = request(new URL(path, endpoint), { method, ca, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, text, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
