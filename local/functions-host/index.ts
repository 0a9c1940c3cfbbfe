import type { Clock } from "../clock.ts";
import { type App, functionsOf, type LogEntry } from "./app/load-app.ts";
import { createEngine } from "./durable/engine.ts";
import { calm, type QueueSettings, type Roughness } from "./durable/roughness.ts";
import { readHostJson } from "./host-json.ts";
import { clientBinding, rpcBase, webhookBase } from "./http/client-binding.ts";
import { manage } from "./http/management-api.ts";
import { type HttpRequest, listen } from "./http/server.ts";
import { openDatabase } from "./store/open.ts";
import { httpRouter } from "./triggers/http.ts";
import { startServiceBusTrigger } from "./triggers/service-bus.ts";
import { startTimerTrigger } from "./triggers/timer.ts";

/** What a host needs to run a loaded app. */
export interface HostOptions {
  readonly app: App;
  readonly dataDirectory: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly log: (entry: LogEntry) => void;
  /** How rough the durable engine is; without it, it is calm. */
  readonly roughness?: ((queues: QueueSettings) => Roughness) | undefined;
  /** Called after every transaction of the store: tests end the host there. */
  readonly committed?: () => void;
}

/** A running host. */
export interface FunctionsHost {
  readonly port: number;
  readonly url: string;
  /** Takes no more work, lets what runs come to its end, and closes the store. */
  close(): Promise<void>;
  /** Stops without letting anything end, as a killed process would: what ran is done again by the next host on the same store. */
  crash(): Promise<void>;
}

/** Runs an app: opens the store, serves http, takes up what a former process left, and starts the triggers. */
export async function startFunctionsHost({
  app,
  dataDirectory,
  port,
  clock,
  settings,
  log,
  roughness = () => calm,
  committed,
}: HostOptions): Promise<FunctionsHost> {
  app.log = log;
  const hostJson = readHostJson(app.directory);
  const database = openDatabase(dataDirectory, committed);
  let binding = "";
  const concurrency = { activities: hostJson.activities, orchestrators: hostJson.orchestrators };
  const engine = createEngine({
    app,
    clock,
    database,
    durableClient: () => binding,
    concurrency,
    roughness: roughness(hostJson.queues),
  });
  const route = httpRouter(app, hostJson.routePrefix, () => binding);
  const handle = async (request: HttpRequest) => {
    const base = [rpcBase, webhookBase].find((prefix) => request.url.pathname.startsWith(`${prefix}/`));
    return base ? manage({ engine, ...hostJson }, request, base) : ((await route(request)) ?? { status: 404 });
  };
  const server = await listen(port, handle).catch((error: unknown) => {
    database.close();
    throw error;
  });
  binding = clientBinding(server.url, hostJson.hubName);
  // Without it the durable SDK rewrites every address to localhost:7071.
  process.env["WEBSITE_HOSTNAME"] = new URL(server.url).host;
  engine.resume();
  const triggers = await Promise.all([
    ...functionsOf(app, "serviceBusTrigger").map((target) =>
      startServiceBusTrigger(app, target, { settings, hostJson, durableClient: binding }),
    ),
    ...functionsOf(app, "timerTrigger").map((target) => startTimerTrigger(app, target, clock, binding)),
  ]);
  const stopTriggers = () => Promise.all(triggers.map((trigger) => trigger.close()));

  return {
    port: server.port,
    url: server.url,
    async close() {
      await stopTriggers();
      await engine.drain();
      await server.close();
      await app.terminate();
      database.close();
    },
    async crash() {
      engine.stop();
      database.close();
      await Promise.all([stopTriggers(), server.close()]);
    },
  };
}
