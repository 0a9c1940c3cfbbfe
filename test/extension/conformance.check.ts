import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durableConformance } from "../conformance/durable-functions.ts";
import { startExtensionHost } from "../support/extension-host.ts";

// The conformance suite of Durable Functions on the Durable Task extension itself.

durableConformance(async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "extension-conformance-"));
  const { url, stop } = await startExtensionHost(dataDirectory);
  return {
    url,
    async stop() {
      await stop();
      rmSync(dataDirectory, { recursive: true });
    },
  };
});
