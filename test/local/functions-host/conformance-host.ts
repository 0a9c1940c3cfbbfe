import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClock } from "../../../local/clock.ts";
import { loadApp } from "../../../local/functions-host/app/load-app.ts";
import { createRoughness } from "../../../local/functions-host/durable/roughness.ts";
import { startFunctionsHost } from "../../../local/functions-host/index.ts";

/**
 * Runs the app of the conformance suite, in this process: it can be loaded once. `rough` is the
 * seed of a rough engine.
 */
export async function startConformanceHost(rough?: number) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "durable-conformance-"));
  // Ten times as fast: the suite's timers are seconds.
  const clock = createClock({ rate: 10 });
  const host = await startFunctionsHost({
    app: await loadApp(join(import.meta.dirname, "..", "..", "conformance", "durable-app")),
    dataDirectory,
    port: 0,
    clock,
    settings: {},
    log: () => {},
    roughness: rough === undefined ? undefined : (queues) => createRoughness(rough, clock, queues),
  });
  return {
    url: host.url,
    async stop() {
      await host.close();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}
