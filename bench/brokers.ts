import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ServiceBusClient } from "@azure/service-bus";

const root = join(import.meta.dirname, "..");
/** A queue of both brokers. The reference broker always has it. */
export const queue = "bench";
export const own = "local/service-bus";
export const reference = "reference";

/** A broker in its own process, and a client that is connected to it. */
export interface RunningBroker {
  readonly name: string;
  readonly client: ServiceBusClient;
  stop(): Promise<void>;
}

/**
 * Starts the project's broker, and the reference broker if its directory exists. REFERENCE_DIR
 * names the directory (default: `../shared/reference`).
 */
export async function startBrokers(): Promise<RunningBroker[]> {
  const directory = mkdtempSync(join(tmpdir(), "bench-broker-"));
  const config = join(directory, "config.json");
  writeFileSync(config, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", Queues: [{ Name: queue }] }] } }));
  const main = join(root, "local", "service-bus", "main.ts");
  const referenceMain = join(process.env["REFERENCE_DIR"] ?? join(root, "..", "shared", "reference"), "service-bus", "serve.js");
  const brokers = [
    await start(own, [main, "--port", "0", "--config", config], /"port":(\d+)/),
    await start("with --data-dir", [main, "--port", "0", "--config", config, "--data-dir", join(directory, "data")], /"port":(\d+)/),
    ...(existsSync(referenceMain) ? [await start(reference, [referenceMain, "0"], /listening (\d+)/)] : []),
  ];
  return brokers.map((broker) => ({
    ...broker,
    async stop() {
      await broker.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  }));
}

async function start(name: string, args: readonly string[], portIn: RegExp): Promise<RunningBroker> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    // The reference broker uses the packages of this project.
    env: { ...process.env, NODE_PATH: join(root, "node_modules") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => resolve(portIn.exec(line)?.[1] ?? ""));
    void ended.then(() => reject(new Error(`${name} ended before it was ready`)));
  });
  const client = new ServiceBusClient(
    `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=k;UseDevelopmentEmulator=true`,
  );
  return {
    name,
    client,
    async stop() {
      await client.close();
      child.kill();
      await ended;
    },
  };
}
