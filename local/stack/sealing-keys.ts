import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";

/**
 * Returns the value of SEALING_KEYS of a data directory. It is created once, readable for its owner
 * only, so that a restarted host can open what it sealed.
 */
export function readSealingKeys(dataDirectory: string): string {
  const file = join(dataDirectory, "sealing-keys.json");
  if (!existsSync(file)) replaceFile(file, JSON.stringify({ k1: randomBytes(32).toString("base64") }));
  return readFileSync(file, "utf8");
}
