import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startHttpsEndpoint, type WireAnswer, type WireRequest } from "./https-endpoint.ts";

const root = join(import.meta.dirname, "..", "..");

/** What azd gives its hooks: values of its environment, and outputs of the deployment. */
const environment = {
  AZURE_ENV_NAME: "prod",
  AZURE_LOCATION: "westeurope",
  AZURE_SUBSCRIPTION_ID: "00000000-0000-0000-0000-00000000000a",
  AZURE_RESOURCE_GROUP: "rg-prod",
  FUNCTION_APP_NAME: "func-vpn-abc",
  KEY_VAULT_NAME: "kv-vpn-abc",
  SERVICE_BUS_HOST: "sb-vpn-abc.servicebus.windows.net",
  APP_PRINCIPAL_ID: "00000000-0000-0000-0000-0000000000cc",
  KEY_READER_ASSIGNMENT: "00000000-0000-0000-0000-0000000000dd",
};

/**
 * A Resource Manager that answers as it is told, and a signed-in azd on the path, which writes down
 * how it was called. `run` runs a hook as azd does.
 */
export async function startAzd(answer: (request: WireRequest, nth: number) => WireAnswer) {
  const endpoint = await startHttpsEndpoint(answer);
  const home = mkdtempSync(join(tmpdir(), "azd-"));
  const bin = join(home, "bin");
  mkdirSync(bin);
  const calls = join(home, "azd-calls.jsonl");
  const token = { token: "the-token-of-azd", expiresOn: "2099-01-01T00:00:00Z" };
  writeFileSync(
    join(bin, "azd"),
    `#!${process.execPath}
require("node:fs").appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ args: process.argv.slice(2), env: process.env }) + "\\n");
console.log(${JSON.stringify(JSON.stringify(token))});
`,
    { mode: 0o755 },
  );

  return {
    asked: endpoint.asked,
    async run(hook: string, given: Readonly<Record<string, string>> = {}) {
      endpoint.asked.splice(0);
      const child = spawn(process.execPath, [join(root, "local", "node.js"), join(root, "infra", "hooks", `${hook}.ts`)], {
        cwd: home,
        env: {
          ...{ PATH: `${bin}${delimiter}${process.env["PATH"]}`, HOME: home, TMPDIR: home },
          ...{ ARM_ENDPOINT: endpoint.url, NODE_EXTRA_CA_CERTS: endpoint.caFile },
          ...environment,
          ...given,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk: Buffer) => (out += chunk));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk));
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code, out, err, argv: child.spawnargs };
    },
    /** Everything that was written to a file, the calls of azd with their environment among it. */
    written() {
      return readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
        .join("\n");
    },
    async stop() {
      await endpoint.close();
      rmSync(home, { recursive: true });
    },
  };
}
