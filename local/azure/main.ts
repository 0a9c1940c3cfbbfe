import { parseArgs } from "node:util";
import { clockOf } from "../paces.ts";
import { runService } from "../service-process.ts";
import { startAzure } from "./index.ts";

// Runs the simulated Azure as a process.

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "key-vault-port": { type: "string", default: "0" },
    directory: { type: "string", default: ".local" },
    clock: { type: "string" },
    speed: { type: "string", default: "1" },
    "operation-seconds": { type: "string", default: "6" },
    "retry-after": { type: "string", default: "2" },
  },
});

await runService(async () => {
  const clock = clockOf(JSON.parse(values.clock ?? "[]"), Number(values.speed));
  const { close, ...ready } = await startAzure({
    port: Number(values.port),
    keyVaultPort: Number(values["key-vault-port"]),
    directory: values.directory,
    clock,
    operationSeconds: Number(values["operation-seconds"]),
    retryAfterSeconds: Number(values["retry-after"]),
  });
  return { ready, close };
});
