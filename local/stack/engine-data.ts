import { existsSync } from "node:fs";
import { join } from "node:path";
import { WrongUse } from "../../tools/command-line.ts";
import type { Engine } from "./options.ts";

/** The name of each engine's data in a data directory. */
const places: Readonly<Record<Engine, string>> = { sqlite: "durable.sqlite", extension: "azurite" };
const names: Readonly<Record<Engine, string>> = { sqlite: "our own engine (--engine sqlite)", extension: "--engine extension" };

/**
 * Throws a sentence if another engine has used this data directory: the requests that the broker
 * has already delivered to that engine would be lost.
 */
export function refuseOtherEngine(dataDirectory: string, engine: Engine): void {
  const other = engine === "sqlite" ? "extension" : "sqlite";
  if (existsSync(join(dataDirectory, places[other])))
    throw new WrongUse(
      `${dataDirectory} holds requests of ${names[other]}, which ${names[engine]} cannot continue; choose another --data-dir.`,
    );
}
