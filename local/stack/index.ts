import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { clockOf, pacesOf } from "../paces.ts";
import { takeLock } from "../process-lock.ts";
import { withStorageErrors } from "../storage-error.ts";
import { type Child, startChild } from "./child.ts";
import { refuseOtherEngine } from "./engine-data.ts";
import { createChildEnvironment, createPolicySetting, type Environment, pickAzureSignIn, pickTrustSettings } from "./environment.ts";
import { createLocalIdentity } from "./identity.ts";
import { logFileOf, openLogFiles } from "./log-files.ts";
import type { ServiceName, StackOptions } from "./options.ts";
import { keepPorts, readPorts } from "./ports.ts";
import { prepareExtensionEngine } from "./prepare.ts";
import { readSealingKeys } from "./sealing-keys.ts";
import { superviseHost } from "./supervise.ts";

const root = join(import.meta.dirname, "..", "..");
/** The names of the services in messages. */
const titles = { "service-bus": "The broker", azure: "The simulated Azure", azurite: "Azurite", "functions-host": "The functions host" };

/**
 * The heap of the host. Without a limit Node lets garbage grow to several times the memory in use
 * (https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib), and a laptop needs its memory
 * for other programs too.
 */
const HOST_MEMORY = "--max-old-space-size=512 --max-semi-space-size=16";

export { type Engine, engines } from "./options.ts";

/** A running stack. */
export interface Stack {
  readonly endpoints: {
    readonly functionsHost: string;
    readonly serviceBus: string;
    readonly resourceManager: string;
    /** Null if the Resource Manager is not on this machine. */
    readonly keyVault: string | null;
    readonly caFile: string | null;
  };
  readonly runId: string;
  /** The time of the orchestrations and of the simulated Azure. */
  readonly clock: Clock;
  /** Faults of the broker, for tests. */
  readonly broker: {
    /** Breaks every connection without an AMQP close, as a network failure does. */
    dropConnections(): Promise<void>;
    /** Ends every lock, so that the locked messages are delivered again. */
    expireLocks(): Promise<void>;
    /** Refuses the next operations with `server-busy`. */
    serverBusy(operations: number): Promise<void>;
    /** Detaches every link of an entity, as a namespace does when it moves the entity. */
    detachLinks(entity: string): Promise<void>;
  };
  /** Returns the present process id of the functions host. */
  hostPid(): number;
  /**
   * Drains the functions host and starts it again with the present build. Running instances
   * continue.
   */
  restartHost(): Promise<void>;
  /** Resolves with the reason if the stack cannot continue. */
  readonly failed: Promise<string>;
  /** Ends every process of the stack, the host first so that it can drain. */
  stop(): Promise<void>;
}

/**
 * Starts the local stack: broker and simulated Azure, then the functions host with the built app.
 * If the host dies, it is started again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDirectory, shell } = options;
  const { engine = "sqlite" } = options;
  refuseOtherEngine(dataDirectory, engine);
  const withExtension = engine === "extension";
  const timersFireEarlySeconds = withExtension || options.rough !== undefined ? 1 : 0;
  if (withExtension) await prepareExtensionEngine(options);
  withStorageErrors(dataDirectory, () => mkdirSync(dataDirectory, { recursive: true, mode: 0o700 }));
  const release = takeLock(dataDirectory, "stack", "stack");
  const runId = shell["VPN_STACK_RUN_ID"] ?? randomUUID();
  const ports = await readPorts(dataDirectory);
  const paces = pacesOf(dataDirectory, options.speed, Date.now());
  const clock = ["--clock", JSON.stringify(paces)];
  const fail = Promise.withResolvers<string>();
  const logs = openLogFiles(dataDirectory, fail.resolve);
  const brokerConfig = options.serviceBusConfig === undefined ? [] : ["--config", options.serviceBusConfig];
  const engineArgs = ["--engine", engine, ...(options.rough === undefined ? [] : ["--rough", String(options.rough)])];
  const service = (name: ServiceName, args: readonly string[], env: Environment = {}) =>
    startChild(join(root, "local", name, "main.ts"), {
      ...{ title: titles[name], log: logFileOf(dataDirectory, name), args, env: createChildEnvironment(shell, runId, env) },
      onLine(line) {
        logs.write(name, line);
        options.onLine(name, line);
      },
    });

  const children: Child[] = [];
  let stopping = false;
  const keep = (child: Child) => {
    children.push(child);
    void child.ended.then(() => stopping || fail.resolve(child.describeEnding()));
    return child;
  };
  const stopAll = async () => {
    stopping = true;
    await Promise.all(children.map((child) => child.stop()));
    logs.close();
    release();
  };

  const startAzure = ([resourceManager, keyVault]: readonly number[]) =>
    service("azure", ["--directory", dataDirectory, "--port", `${resourceManager}`, "--key-vault-port", `${keyVault}`, ...clock]);
  const startAzurite = (on: readonly number[]) =>
    service("azurite", ["--data-dir", dataDirectory, "--ports", on.join(), ...(options.storageLog ? ["--access-log"] : [])]);

  try {
    const starting = [
      service("service-bus", ["--port", String(options.serviceBusPort), "--data-dir", dataDirectory, ...brokerConfig, ...clock]).then(keep),
      options.armEndpoint && !isLoopback(options.armEndpoint) ? undefined : startAzure(ports.azure).then(keep),
      withExtension ? startAzurite(ports.azurite).then(keep) : undefined,
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
      ...pickTrustSettings({ ...shell, ...options.settings }),
      QUARANTINE_QUEUE: "vpn-connection-requests-quarantine",
      COMPLETION_TOPIC: "vpn-connection-events",
      ARM_ENDPOINT: resourceManager,
      SEALING_KEYS: readSealingKeys(dataDirectory),
      KEY_VAULT_ALLOWED_HOSTS: keyVault === null ? shell["KEY_VAULT_ALLOWED_HOSTS"] : new URL(keyVault).host,
      ...(azure
        ? createLocalIdentity(azure, dataDirectory, shell)
        : { ...pickAzureSignIn(shell), NODE_EXTRA_CA_CERTS: shell["NODE_EXTRA_CA_CERTS"] }),
      NODE_OPTIONS: HOST_MEMORY,
      ...(azurite ? { AzureWebJobsStorage: String(azurite.ready["connectionString"]) } : {}),
      ...options.settings,
      PROVISIONING_POLICY: createPolicySetting(options.settings?.["PROVISIONING_POLICY"], timersFireEarlySeconds),
    };
    const host = await superviseHost(
      (port) =>
        service(
          "functions-host",
          ["--app", options.app ?? root, "--data-dir", dataDirectory, "--port", String(port), ...clock, ...engineArgs],
          env,
        ),
      options.port,
      { onHost: options.onHost, fail: fail.resolve },
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
      clock: clockOf(paces),
      broker: {
        dropConnections: () => serviceBus.callControl("dropConnections"),
        expireLocks: () => serviceBus.callControl("expireLocks"),
        serverBusy: (operations) => serviceBus.callControl("serverBusy", operations),
        detachLinks: (entity) => serviceBus.callControl("detachLinks", entity),
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

function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
