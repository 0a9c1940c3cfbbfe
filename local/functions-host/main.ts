import { parseArgs } from "node:util";
import { createLineWriter } from "../line-writer.ts";
import { clockOf } from "../paces.ts";
import { runService } from "../service-process.ts";
import { loadApp } from "./app/load-app.ts";
import { createRoughness } from "./durable/roughness.ts";
import { createExtensionEngine } from "./extension/index.ts";
import { startFunctionsHost } from "./index.ts";

// Runs the functions host as a process. The app is the one whose package.json is in --app.

process.setSourceMapsEnabled(true);
// The durable SDK calls this host over HTTP, and would use a proxy for that.
process.env["NO_PROXY"] = ["127.0.0.1", "localhost", process.env["NO_PROXY"]].filter(Boolean).join();

const { values } = parseArgs({
  options: {
    app: { type: "string", default: process.cwd() },
    "data-dir": { type: "string", default: ".local" },
    port: { type: "string", default: "7071" },
    clock: { type: "string" },
    speed: { type: "string", default: "1" },
    engine: { type: "string", default: "sqlite" },
    rough: { type: "string" },
  },
});

const { rough: seed } = values;

await runService(async () => {
  const clock = clockOf(JSON.parse(values.clock ?? "[]"), Number(values.speed));
  const app = await loadApp(values.app);
  const writeLine = createLineWriter();
  const log = (entry: object) => writeLine(JSON.stringify({ time: new Date(clock.now()).toISOString(), ...entry }));
  const host = await startFunctionsHost({
    app,
    dataDirectory: values["data-dir"],
    port: Number(values.port),
    clock,
    settings: process.env,
    log,
    roughness: seed === undefined ? undefined : (queues) => createRoughness(Number(seed), clock, queues),
    ...(values.engine === "extension" ? { engine: createExtensionEngine(app, process.env) } : {}),
  });
  void host.engineFailed.then((reason) => {
    console.error(reason);
    process.exit(1);
  });
  return { ready: { port: host.port, url: host.url }, close: host.close };
});
