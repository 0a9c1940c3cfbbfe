import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../../local/stack/child.ts";
import { childEnvironment } from "../../local/stack/environment.ts";
import { durableConformance } from "../conformance/durable-functions.ts";
import { startDurableHost } from "../support/durable-host.ts";

// The conformance suite of Durable Functions on the Durable Task extension itself.

const azuriteMain = join(import.meta.dirname, "..", "..", "local", "azurite", "main.ts");

durableConformance(async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "extension-conformance-"));
  const env = childEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "extension-conformance");
  const azurite = await startChild(azuriteMain, ["--data-dir", dataDirectory], env, () => {});
  const lines: string[] = [];
  const host = await startDurableHost(dataDirectory, (line) => lines.push(line), {
    args: ["--engine", "extension"],
    settings: { AzureWebJobsStorage: String(azurite.ready["connectionString"]) },
  });
  return {
    url: host.url,
    async stop() {
      await host.stop();
      await azurite.stop();
      rmSync(dataDirectory, { recursive: true });
    },
  };
});
