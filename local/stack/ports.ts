import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";

/**
 * Ports of services whose addresses are stored. URLs of operations, of secrets and of large
 * histories must still be right after a restart.
 */
export type Ports = Readonly<Record<"azure" | "azurite", readonly number[]>>;

/**
 * Returns the ports that a data directory had before. A port is 0 if there was none, or if another
 * program uses it now.
 */
export async function readPorts(dataDirectory: string): Promise<Ports> {
  const before = readStored(dataDirectory);
  const keepFree = (ports: readonly number[]) => Promise.all(ports.map(async (port) => ((await isFree(port)) ? port : 0)));
  return { azure: await keepFree(before.azure), azurite: await keepFree(before.azurite) };
}

/** Keeps the ports of a data directory for its next stack. */
export function keepPorts(dataDirectory: string, ports: Partial<Ports>): void {
  replaceFile(join(dataDirectory, "ports.json"), JSON.stringify({ ...readStored(dataDirectory), ...ports }));
}

function readStored(dataDirectory: string): Ports {
  const none: Ports = { azure: [0, 0], azurite: [0, 0, 0] };
  try {
    return { ...none, ...(JSON.parse(readFileSync(join(dataDirectory, "ports.json"), "utf8")) as Partial<Ports>) };
  } catch {
    return none;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
