import { join } from "node:path";
import { startChild } from "../../local/stack/child.ts";
import { createChildEnvironment } from "../../local/stack/environment.ts";
import { startDurableHost } from "./durable-host.ts";

const azuriteMain = join(import.meta.dirname, "..", "..", "local", "azurite", "main.ts");

/**
 * Runs the app of the conformance suite on the Durable Task extension, with its own Azurite,
 * without the rest of the stack.
 */
export async function startExtensionHost(dataDirectory: string) {
  const env = createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "extension-host");
  const azurite = await startChild(azuriteMain, { title: "Azurite", args: ["--data-dir", dataDirectory], env, onLine: () => {} });
  const lines: string[] = [];
  const host = await startDurableHost(dataDirectory, (line) => lines.push(line), {
    args: ["--engine", "extension"],
    settings: { AzureWebJobsStorage: String(azurite.ready["connectionString"]) },
  });
  return {
    url: host.url,
    host,
    azurite,
    /** What the host has written so far. */
    lines,
    async stop(): Promise<void> {
      await host.stop();
      await azurite.stop();
    },
  };
}
