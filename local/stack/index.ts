import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { type Clock, createClock } from "../clock.ts";
import { takeExclusively } from "../exclusive.ts";
import { type Child, startChild } from "./child.ts";
import { azureSignIn, childEnvironment, type Environment } from "./environment.ts";
import { localIdentity } from "./identity.ts";
import { keepPorts, readPorts } from "./ports.ts";
import { prepare } from "./prepare.ts";
import { sealingKeys } from "./sealing-keys.ts";

const root = join(import.meta.dirname, "..", "..");
/** A host that exits by itself this often in a row, each time sooner than a second after its start, will not come up by being started again. */
const MOST_CRASHES_IN_A_ROW = 5;

/**
 * The host's heap: by itself Node lets garbage grow to several times of what is in use (https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib), and a
 * laptop has other things to keep in memory.
 */
const HOST_MEMORY = "--max-old-space-size=512 --max-semi-space-size=16";

/** What may be chosen about a stack; a port of 0 picks a free one. */
export interface StackOptions {
  readonly dataDirectory: string;
  readonly port: number;
  readonly serviceBusPort: number;
  /** The directory of another built app to run, with a package.json that names its `main`, and a host.json. */
  readonly app?: string;
  /** Use this Resource Manager instead of the simulator. */
  readonly armEndpoint?: string;
  /** What runs the durable functions: our own engine on SQLite (if left out), or the Durable Task extension with Azurite. */
  readonly engine?: Engine;
  /** How many times as fast as real time orchestrations and simulated operations live. */
  readonly speed: number;
  readonly shell: Environment;
  /** Whether Azurite writes a line for each request. */
  readonly storageLog?: boolean;
  /** Settings of the app beside the stack's own, or instead of them. */
  readonly settings?: Environment;
  /** Told what is prepared on first use, which takes a while. */
  readonly say?: (line: string) => void;
  /** Told every line that a process of the stack writes. */
  readonly onLine: (service: ServiceName, line: string) => void;
  /** Told when the functions host ended by itself and when it is back. */
  readonly onHost?: (event: "died" | "back", pid: number) => void;
}

export type ServiceName = "service-bus" | "azure" | "azurite" | "functions-host";

export const engines = ["sqlite", "extension"] as const;
export type Engine = (typeof engines)[number];

/** A running stack. */
export interface Stack {
  readonly endpoints: {
    readonly functionsHost: string;
    readonly serviceBus: string;
    readonly resourceManager: string;
    /** Nothing where the Resource Manager is not on this machine. */
    readonly keyVault: string | null;
    readonly caFile: string | null;
  };
  readonly runId: string;
  /** The time that the processes of the stack live by. */
  readonly clock: Clock;
  /** What can be done to the broker while it runs. */
  readonly broker: {
    /** Severs every connection without a word, as a network does. */
    dropConnections(): Promise<void>;
    /** Ends every lock, so that what is in anybody's hands is delivered again. */
    expireLocks(): Promise<void>;
    /** Answers the next operations that it is busy. */
    serverBusy(operations: number): Promise<void>;
    /** Detaches every link of an entity, as a namespace does when it moves one. */
    detachLinks(entity: string): Promise<void>;
  };
  /** The process id of the functions host as it is now. */
  hostPid(): number;
  /** Lets the functions host drain, and starts it again with what is built by now; running instances go on. */
  restartHost(): Promise<void>;
  /** Resolves with the reason when the stack cannot go on by itself. */
  readonly failed: Promise<string>;
  /** Ends every process of the stack; the host first, so that it can drain. */
  stop(): Promise<void>;
}

/** Starts the local stack: broker and simulated Azure, then the functions host with the built app, which is started again whenever it dies. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDirectory, shell } = options;
  const withExtension = options.engine === "extension";
  if (withExtension) await prepare(options);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const release = takeExclusively(dataDirectory, "stack", "stack");
  const runId = shell["VPN_STACK_RUN_ID"] ?? randomUUID();
  const ports = await readPorts(dataDirectory);
  const epoch = Date.now();
  const clock = ["--clock-epoch", String(epoch), "--speed", String(options.speed)];
  const service = (name: ServiceName, args: readonly string[], env: Environment = {}) =>
    startChild(join(root, "local", name, "main.ts"), args, childEnvironment(shell, runId, env), (line) => options.onLine(name, line));

  const children: Child[] = [];
  const fail = Promise.withResolvers<string>();
  let stopping = false;
  const keep = (name: ServiceName, child: Child) => {
    children.push(child);
    void child.ended.then(() => stopping || fail.resolve(`${name} ended unexpectedly`));
    return child;
  };
  const stopAll = async () => {
    stopping = true;
    await Promise.all(children.map((child) => child.stop()));
    release();
  };

  const startAzure = ([resourceManager, keyVault]: readonly number[]) =>
    service("azure", ["--directory", dataDirectory, "--port", `${resourceManager}`, "--key-vault-port", `${keyVault}`, ...clock]);
  const startAzurite = (on: readonly number[]) =>
    service("azurite", ["--data-dir", dataDirectory, "--ports", on.join(), ...(options.storageLog ? ["--access-log"] : [])]);

  try {
    const starting = [
      service("service-bus", ["--port", String(options.serviceBusPort), "--data-dir", dataDirectory]).then((child) =>
        keep("service-bus", child),
      ),
      options.armEndpoint && !isLoopback(options.armEndpoint) ? undefined : startAzure(ports.azure).then((child) => keep("azure", child)),
      withExtension ? startAzurite(ports.azurite).then((child) => keep("azurite", child)) : undefined,
    ] as const;
    await Promise.allSettled(starting);
    const [serviceBus, azure, azurite] = await Promise.all(starting);
    keepPorts(dataDirectory, {
      ...(azure ? { azure: azure.ready["ports"] as number[] } : {}),
      ...(azurite ? { azurite: azurite.ready["ports"] as number[] } : {}),
    });
    const resourceManager = options.armEndpoint ?? String(azure?.ready["resourceManagerUrl"]);
    const keyVault = azure ? String(azure.ready["keyVaultUrl"]) : null;
    const env: Environment = {
      ServiceBus: String(serviceBus.ready["connectionString"]),
      REQUEST_QUEUE: "vpn-connection-requests",
      QUARANTINE_QUEUE: "vpn-connection-requests-quarantine",
      COMPLETION_TOPIC: "vpn-connection-events",
      ARM_ENDPOINT: resourceManager,
      SEALING_KEYS: sealingKeys(dataDirectory),
      KEY_VAULT_ALLOWED_HOSTS: keyVault === null ? shell["KEY_VAULT_ALLOWED_HOSTS"] : new URL(keyVault).host,
      ...(azure
        ? localIdentity(azure, dataDirectory, shell)
        : { ...azureSignIn(shell), NODE_EXTRA_CA_CERTS: shell["NODE_EXTRA_CA_CERTS"] }),
      NODE_OPTIONS: HOST_MEMORY,
      ...(azurite ? { AzureWebJobsStorage: String(azurite.ready["connectionString"]) } : {}),
      ...options.settings,
    };
    const host = await superviseHost(
      (port) =>
        service(
          "functions-host",
          [
            "--app",
            options.app ?? root,
            "--data-dir",
            dataDirectory,
            "--port",
            String(port),
            "--engine",
            options.engine ?? "sqlite",
            ...clock,
          ],
          env,
        ),
      options,
      fail.resolve,
    );
    return {
      endpoints: {
        functionsHost: host.url,
        serviceBus: String(serviceBus.ready["connectionString"]),
        resourceManager,
        keyVault,
        caFile: env["NODE_EXTRA_CA_CERTS"] ?? null,
      },
      runId,
      clock: createClock({ epoch, rate: options.speed }),
      broker: {
        dropConnections: () => serviceBus.tell("dropConnections"),
        expireLocks: () => serviceBus.tell("expireLocks"),
        serverBusy: (operations) => serviceBus.tell("serverBusy", operations),
        detachLinks: (entity) => serviceBus.tell("detachLinks", entity),
      },
      hostPid: host.pid,
      restartHost: host.restart,
      failed: fail.promise,
      async stop() {
        stopping = true;
        await host.stop();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Keeps the functions host running on one port until it is stopped. */
async function superviseHost(start: (port: number) => Promise<Child>, { port, onHost }: StackOptions, fail: (reason: string) => void) {
  let host = await start(port);
  const url = String(host.ready["url"]);
  let stopping = false;
  let crashes = 0;
  const watch = async () => {
    for (;;) {
      const since = Date.now();
      const exitCode = await host.ended;
      if (stopping) return;
      onHost?.("died", host.pid);
      // Whoever kills it may do so as often and as soon as they like.
      crashes = exitCode !== null && Date.now() - since < 1000 ? crashes + 1 : 0;
      if (crashes >= MOST_CRASHES_IN_A_ROW) return fail("the functions host dies whenever it is started");
      host = await start(Number(new URL(url).port));
      if (stopping) return host.stop();
      onHost?.("back", host.pid);
    }
  };
  const watching = watch().catch((error: unknown) =>
    fail(`the functions host cannot be started again: ${error instanceof Error ? error.message : error}`),
  );
  return {
    url,
    pid: () => host.pid,
    // It is started again like one that died.
    restart: () => host.stop(),
    async stop() {
      stopping = true;
      await host.stop();
      await watching;
    },
  };
}

function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
