import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "jsonc-parser";

const shipped = join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json");

interface Config {
  readonly UserConfig: { readonly Namespaces: readonly { readonly Queues: { Name: string }[] }[] };
}

/**
 * Writes the shipped config of the broker with more request queues, each like the first; returns
 * the file.
 */
export function configWithQueues(...names: readonly string[]): string {
  const config = parse(readFileSync(shipped, "utf8")) as Config;
  const queues = config.UserConfig.Namespaces[0]?.Queues ?? [];
  queues.push(...names.map((Name) => ({ ...structuredClone(queues[0]), Name })));
  const file = join(mkdtempSync(join(tmpdir(), "queues-")), "config.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}
