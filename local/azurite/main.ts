import { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runService } from "../service-process.ts";
import { openStoreFile } from "../sqlite.ts";
import { keepLokiInSqlite, type LokiClass, lokiSchema } from "./loki-on-sqlite.ts";
import { azuriteFolder } from "./prepare.ts";

// Runs Azurite as a service of the stack: the storage of the Durable Task extension.

// Every storage emulator has this account and key
// (https://learn.microsoft.com/azure/storage/common/storage-use-azurite#connection-strings).
const account = "devstoreaccount1";
const accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const services = ["Blob", "Queue", "Table"] as const;

const { values } = parseArgs({
  options: {
    "data-dir": { type: "string", default: ".local" },
    /** Ports of blob, queue and table. 0 means a free one. */
    ports: { type: "string", default: "0,0,0" },
    "access-log": { type: "boolean", default: false },
  },
});

await runService(async () => {
  const directory = join(values["data-dir"], "azurite");
  const { sql, close } = openStoreFile(directory, { name: "azurite", owner: "Azurite", version: 1, schema: lokiSchema });
  const require = createRequire(join(azuriteFolder, "package.json"));
  const store = keepLokiInSqlite(require("lokijs") as LokiClass, sql);
  // Azurite confirms a request with its response, so its changes are stored before.
  const { end } = ServerResponse.prototype;
  ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]) {
    store();
    return Reflect.apply(end, this, given);
  };
  const endpoints = await startAzurite(() => require("azurite/dist/src/azurite.js"), directory, values.ports.split(","));
  const urls = services.map((service) => `${service}Endpoint=${endpoints[service]}/${account};`);
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};${urls.join("")}`;
  return {
    ready: { connectionString, ports: services.map((service) => Number(new URL(String(endpoints[service])).port)) },
    async close() {
      store();
      close();
    },
  };
});

/**
 * Runs Azurite in this process. It reads its options from the command line, and prints its
 * addresses on the console.
 */
async function startAzurite(load: () => void, directory: string, ports: readonly string[]) {
  const options = services.flatMap((service, index) => {
    const name = service.toLowerCase();
    return [`--${name}Host`, "127.0.0.1", `--${name}Port`, String(ports[index])];
  });
  const log = values["access-log"] ? [] : ["--silent"];
  process.argv = [process.execPath, "azurite", "--location", directory, ...options, ...log, "--skipApiVersionCheck", "--disableTelemetry"];
  const endpoints: Partial<Record<(typeof services)[number], string>> = {};
  const { log: print } = console;
  const { promise, resolve } = Promise.withResolvers<typeof endpoints>();
  console.log = (line: unknown, ...rest) => {
    const [, service, url] = /^Azurite (\w+) service is successfully listening at (\S+)/.exec(String(line)) ?? [];
    if (service) endpoints[service as "Blob"] = String(url);
    if (Object.keys(endpoints).length === services.length) resolve(endpoints);
    if (!String(line).startsWith("Azurite ")) print(line, ...rest);
  };
  load();
  return promise;
}
