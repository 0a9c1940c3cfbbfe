import type { Clock } from "../clock.ts";
import { type App, functionsOf, type LogEntry } from "./app/load-app.ts";
import { calm, type QueueSettings, type Roughness } from "./durable/roughness.ts";
import type { DurableEngine } from "./durable-engine.ts";
import { readHostJson } from "./host-json.ts";
import { listen } from "./http/server.ts";
import { openSqliteEngine } from "./sqlite-engine.ts";
import { createHttpRouter } from "./triggers/http.ts";
import { startServiceBusTrigger } from "./triggers/service-bus.ts";
import { startTimerTrigger } from "./triggers/timer.ts";

/** What a host needs to run a loaded app. */
export interface HostOptions {
  readonly app: App;
  readonly dataDirectory: string;
  /** Port 0 means a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly log: (entry: LogEntry) => void;
  /** Creates the roughness of the durable engine. Without it the engine is calm. */
  readonly roughness?: ((queues: QueueSettings) => Roughness) | undefined;
  /** Called after every transaction of the store. Tests end the host there. */
  readonly committed?: () => void;
  /** The durable engine. The default is our own one on SQLite. */
  readonly engine?: DurableEngine;
}

/** A running host. */
export interface FunctionsHost {
  readonly port: number;
  readonly url: string;
  /** Resolves with the reason if the durable engine ends unexpectedly. */
  readonly engineFailed: Promise<string>;
  /** Accepts no more work, waits until everything that runs has ended, and closes the store. */
  close(): Promise<void>;
  /**
   * Stops at once, as a killed process would. The next host on the same store repeats what was
   * running.
   */
  crash(): Promise<void>;
}

/**
 * Runs an app: opens the store, serves HTTP, continues the work of a former process, and starts the
 * triggers.
 */
export async function startFunctionsHost(options: HostOptions): Promise<FunctionsHost> {
  const { app, dataDirectory, port, clock, settings, log, roughness = () => calm, committed } = options;
  app.log = log;
  const hostJson = readHostJson(app.directory);
  const engine =
    options.engine ?? openSqliteEngine({ app, clock, dataDirectory, hostJson, roughness: roughness(hostJson.queues), committed });
  let binding = "";
  const route = createHttpRouter(app, hostJson.routePrefix, () => binding);
  const server = await listen(port, async (request) => (await (engine.manage(request) ?? route(request))) ?? { status: 404 }).catch(
    (error: unknown) => {
      engine.close();
      throw error;
    },
  );
  // Without it the durable SDK replaces the host of every address by localhost:7071.
  process.env["WEBSITE_HOSTNAME"] = new URL(server.url).host;
  binding = await engine.start(server.url).catch(async (error: unknown) => {
    engine.close();
    await server.close();
    throw error;
  });
  const enabled = (type: string) => functionsOf(app, type).filter(({ name }) => !isDisabled(name, settings));
  const triggers = await Promise.all([
    ...enabled("serviceBusTrigger").map((target) => startServiceBusTrigger(app, target, { settings, hostJson, durableClient: binding })),
    ...enabled("timerTrigger").map((target) => startTimerTrigger(app, target, clock, binding)),
  ]);
  const stopTriggers = () => Promise.all(triggers.map((trigger) => trigger.close()));

  return {
    port: server.port,
    url: server.url,
    engineFailed: engine.failed,
    async close() {
      await stopTriggers();
      await engine.drain();
      await server.close();
      await app.terminate();
      engine.close();
    },
    async crash() {
      engine.close();
      await Promise.all([stopTriggers(), server.close()]);
    },
  };
}

/**
 * Returns whether a setting turns a function off
 * (https://learn.microsoft.com/en-us/azure/azure-functions/disable-function). Its trigger is not
 * started then.
 */
function isDisabled(name: string, settings: HostOptions["settings"]): boolean {
  return /^(true|1)$/i.test(settings[`AzureWebJobs.${name}.Disabled`] ?? "");
}
