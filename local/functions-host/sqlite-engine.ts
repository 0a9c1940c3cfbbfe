import type { Clock } from "../clock.ts";
import type { App } from "./app/load-app.ts";
import { createEngine } from "./durable/engine.ts";
import type { Roughness } from "./durable/roughness.ts";
import type { DurableEngine } from "./durable-engine.ts";
import type { HostJson } from "./host-json.ts";
import { createClientBinding, rpcBase, webhookBase } from "./http/client-binding.ts";
import { handleManagement } from "./http/management-api.ts";
import { openDatabase } from "./store/open.ts";

/**
 * Opens our own durable engine on the store of a data directory. Throws a sentence if the store
 * cannot be used.
 */
export function openSqliteEngine(options: {
  app: App;
  clock: Clock;
  dataDirectory: string;
  hostJson: HostJson;
  roughness: Roughness;
  committed?: (() => void) | undefined;
}): DurableEngine {
  const { app, clock, dataDirectory, hostJson, roughness, committed } = options;
  const database = openDatabase(dataDirectory, committed);
  let binding = "";
  const concurrency = { activities: hostJson.activities, orchestrators: hostJson.orchestrators };
  const engine = createEngine({ app, clock, database, durableClient: () => binding, concurrency, roughness });
  return {
    async start(url) {
      binding = createClientBinding(url, hostJson.hubName);
      engine.resume();
      return binding;
    },
    manage(request) {
      const base = [rpcBase, webhookBase].find((prefix) => request.url.pathname.startsWith(`${prefix}/`));
      if (base === undefined) return undefined;
      const response = handleManagement({ engine, ...hostJson }, request, base);
      return database.committed().then(() => response);
    },
    async drain() {
      await engine.drain();
      await database.committed();
    },
    close() {
      engine.stop();
      database.close();
    },
    // It runs in this process, so it cannot end alone.
    failed: new Promise(() => {}),
  };
}
