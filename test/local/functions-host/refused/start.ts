import { parentPort, workerData } from "node:worker_threads";
import { createClock } from "../../../../local/clock.ts";
import { loadApp } from "../../../../local/functions-host/app/load-app.ts";
import { startFunctionsHost } from "../../../../local/functions-host/index.ts";

// Starts a host on the app beside it; its own thread, because the library keeps its
// registrations for ever.

const host = await startFunctionsHost({
  app: await loadApp(import.meta.dirname),
  dataDirectory: String(workerData),
  port: 0,
  clock: createClock(),
  settings: {},
  log: () => {},
});
await host.close();
parentPort?.postMessage("ran");
