import { join } from "node:path";
import { parseArgs } from "node:util";
import { clockOf } from "../paces.ts";
import { runService } from "../service-process.ts";
import { startServiceBus } from "./index.ts";

// Runs the broker as a process.

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "5672" },
    config: { type: "string", default: join(import.meta.dirname, "config.json") },
    "data-dir": { type: "string" },
    clock: { type: "string" },
  },
});

await runService(async () => {
  const { port, connectionString, dropConnections, expireLocks, serverBusy, detachLinks, close } = await startServiceBus({
    port: Number(values.port),
    configFile: values.config,
    clock: clockOf(JSON.parse(values.clock ?? "[]")),
    ...(values["data-dir"] === undefined ? {} : { dataDirectory: values["data-dir"] }),
  });
  return {
    ready: { port, connectionString },
    controls: {
      dropConnections,
      expireLocks,
      serverBusy: (operations) => serverBusy(Number(operations)),
      detachLinks: (entity) => detachLinks(String(entity)),
    },
    close,
  };
});
