import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createChildEnvironment } from "../../stack/environment.ts";
import type { App } from "../app/load-app.ts";
import type { DurableEngine } from "../durable-engine.ts";
import { webhookBase } from "../http/client-binding.ts";
import { type ExtensionChild, startExtensionChild } from "./child.ts";
import { forwardRequest } from "./forward.ts";
import { invokeFunction, listDurableFunctions } from "./functions.ts";
import { extensionProgram } from "./prepare.ts";
import type { Invocation, Outcome } from "./protocol.ts";

/**
 * The differences to the app's host.json on a development machine. A new message must not wait ten
 * seconds because the queue was empty before. What a killed host had taken from a queue is visible
 * again after one minute, the least that the extension allows.
 */
const localStorageProvider = {
  maxQueuePollingInterval: "00:00:01",
  controlQueueVisibilityTimeout: "00:01:00",
  workItemQueueVisibilityTimeout: "00:01:00",
};

/** One invocation of the extension and how it ended: a line of a tape. */
export interface Taped {
  readonly trigger: string;
  readonly invocation: Invocation;
  readonly outcome: Outcome;
}

/**
 * Creates a durable engine that is the Durable Task extension itself, in a .NET child. Its storage
 * is `AzureWebJobsStorage` of the settings. If they have a file as `EXTENSION_TAPE`, each
 * invocation is appended to it.
 */
export function createExtensionEngine(app: App, settings: Readonly<Record<string, string | undefined>>): DurableEngine {
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  let child: ExtensionChild | undefined;
  let stopping = false;
  const functions = listDurableFunctions(app);
  const tape = settings["EXTENSION_TAPE"];
  async function invoke(invocation: Invocation): Promise<Outcome> {
    const outcome = await invokeFunction(app, invocation);
    if (tape === undefined) return outcome;
    const trigger = functions.find(({ name }) => name === invocation.function)?.trigger ?? "";
    appendFileSync(tape, `${JSON.stringify({ trigger, invocation, outcome } satisfies Taped)}\n`);
    return outcome;
  }
  return {
    failed,
    async start(url) {
      child = await startExtensionChild({
        program: extensionProgram,
        env: createChildEnvironment(settings, settings["VPN_STACK_RUN_ID"] ?? "", {
          AzureWebJobsStorage: settings["AzureWebJobsStorage"],
          // The extension chooses its protocol by this: JSON, as for durable-functions 3.
          FUNCTIONS_WORKER_RUNTIME: "node",
          Logging__LogLevel__Default: "Warning",
        }),
        start: {
          type: "start",
          webhook: `${url}${webhookBase}?code=local`,
          hostJson: readLocalHostJson(app.directory),
          functions,
        },
        invoke,
        log: (message) => app.log({ level: "warning", category: "extension", message }),
      });
      void child.ended.then((how) => stopping || fail(`The Durable Task extension ${how}.`));
      const { client, versions } = child.started;
      const texts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      app.log({ level: "information", category: "extension", message: `Running ${texts.join(", ")}` });
      return client;
    },
    manage(request) {
      if (!request.url.pathname.startsWith(`${webhookBase}/`)) return undefined;
      return child ? forwardRequest(child.started.management, request) : { status: 503 };
    },
    async drain() {
      stopping = true;
      await child?.stop();
    },
    close() {
      stopping = true;
      child?.kill();
    },
  };
}

function readLocalHostJson(directory: string): object {
  const hostJson = JSON.parse(readFileSync(join(directory, "host.json"), "utf8")) as {
    extensions?: { durableTask?: { storageProvider?: object } };
  };
  const { extensions = {} } = hostJson;
  const { durableTask = {} } = extensions;
  const storageProvider = { ...durableTask.storageProvider, ...localStorageProvider };
  return { ...hostJson, extensions: { ...extensions, durableTask: { ...durableTask, storageProvider } } };
}
