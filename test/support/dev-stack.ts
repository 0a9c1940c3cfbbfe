import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { stepIn } from "../../local/narration.ts";
import type { Engine, Stack } from "../../local/stack/index.ts";
import type { Step } from "../../local/step-sentences.ts";
import { requester } from "./requester.ts";
import { call, type SeenRequest } from "./running-stack.ts";

type Endpoints = Stack["endpoints"];

/**
 * Starts a stack as `npm run dev` does, in processes of its own, so that a test can end all of them
 * at once and start the stack again on what they left. Returns the verbs of tests; they hold over
 * restarts, and so do the lists of steps and of received events.
 */
export async function startDevStack({ engine = "extension" }: { engine?: Engine } = {}) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "dev-stack-"));
  const steps: Step[] = [];
  const lines: string[] = [];
  const received: ServiceBusReceivedMessage[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    const step = stepIn(line);
    if (step) steps.push(step);
  };
  let dev = await startDev(dataDirectory, engine, onLine, 0, 0);
  const { endpoints } = dev;
  let client = listen();

  function listen(): ServiceBusClient {
    const listening = new ServiceBusClient(endpoints.serviceBus);
    const processMessage = async (message: ServiceBusReceivedMessage) => void received.push(message);
    listening.createReceiver("vpn-connection-events", "all").subscribe({ processMessage, processError: async () => {} });
    return listening;
  }

  const azure = (method: string, path: string, body?: unknown) =>
    // The certificate is another one after a restart.
    call(endpoints.resourceManager, method, path, body, readFileSync(String(endpoints.caFile)));
  const stack = {
    stack: { endpoints },
    dataDirectory,
    steps,
    lines,
    received,
    azure,
    async send(message: ServiceBusMessage): Promise<void> {
      const sender = client.createSender("vpn-connection-requests");
      await sender.sendMessages(message);
      await sender.close();
    },
    seen: async () => (await azure("GET", "/local/requests")).body as SeenRequest[],
    /** Adds a version of a secret to the vault. Returns its URI. */
    async addSecret(name: string, value: string): Promise<string> {
      const added = await call(
        String(endpoints.keyVault),
        "PUT",
        `/local/secrets/${name}`,
        { value },
        readFileSync(String(endpoints.caFile)),
      );
      return (added.body as { id: string }).id;
    },
    /** Returns what the quarantine queue holds. */
    async quarantined(): Promise<ServiceBusReceivedMessage[]> {
      const receiver = client.createReceiver("vpn-connection-requests-quarantine", { skipParsingBodyAsJson: true });
      const messages = await receiver.peekMessages(100);
      await receiver.close();
      return messages;
    },
    /** Asks the management API for a path. */
    manage: (path: string) => fetch(`${endpoints.functionsHost}/runtime/webhooks/durabletask/${path}`),
  };
  return {
    ...stack,
    ask: requester(stack),
    /**
     * Stops the broker in the middle of whatever it does, as a frozen machine does. It can only be
     * killed then.
     */
    freezeBroker(): void {
      const processes = execFileSync("ps", ["--ppid", String(dev.pid), "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
      const broker = processes.find((line) => line.includes(join("service-bus", "main.ts")));
      process.kill(Number(broker?.trim().split(" ")[0]), "SIGSTOP");
    },
    /** Ends every process at once, as a power cut does. */
    async killEverything(): Promise<void> {
      process.kill(-dev.pid, "SIGKILL");
      await dev.ended;
      await client.close();
    },
    /** Stops the stack as Ctrl-C does. */
    async stopEverything(): Promise<void> {
      await client.close();
      dev.child.kill("SIGTERM");
      await dev.ended;
    },
    /** Starts the stack again after one of these, on the same data and the same ports. */
    async startAgain(): Promise<void> {
      const port = (url: string) => Number(/:(\d+)/.exec(url.replace(/^.*\/\//, ""))?.[1]);
      dev = await startDev(dataDirectory, engine, onLine, port(endpoints.functionsHost), port(endpoints.serviceBus));
      client = listen();
    },
    /** Stops the stack and removes its data. */
    async stop(): Promise<void> {
      await client.close();
      dev.child.kill("SIGTERM");
      await dev.ended;
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function startDev(dataDirectory: string, engine: Engine, onLine: (line: string) => void, port: number, serviceBusPort: number) {
  const dev = join(import.meta.dirname, "..", "..", "local", "dev.ts");
  const ports = ["--port", String(port), "--service-bus-port", String(serviceBusPort)];
  const args = ["--disable-warning=ExperimentalWarning", dev, "--json", "--engine", engine, "--data-dir", dataDirectory, ...ports];
  // Its own process group: one signal ends all of it.
  const child: ChildProcess = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { promise: ready, resolve, reject } = Promise.withResolvers<Endpoints>();
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as NodeJS.ReadableStream }).on("line", (line) => {
      output.push(line);
      if (line.startsWith('{"ready":')) resolve((JSON.parse(line) as { ready: Endpoints }).ready);
      else onLine(line);
    });
  }
  void ended.then(() => reject(new Error(`The stack ended before it was ready:\n${output.slice(-20).join("\n")}`)));
  return { child, ended, pid: child.pid ?? 0, endpoints: await ready };
}
