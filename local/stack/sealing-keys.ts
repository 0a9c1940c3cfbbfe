import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../whole-file.ts";

/** The stack's own value of SEALING_KEYS: made once for a data directory, readable by its owner only, so that a restarted host can open what it sealed. */
export function sealingKeys(dataDirectory: string): string {
  const file = join(dataDirectory, "sealing-keys.json");
  if (!existsSync(file)) writeWhole(file, JSON.stringify({ k1: randomBytes(32).toString("base64") }));
  return readFileSync(file, "utf8");
}
