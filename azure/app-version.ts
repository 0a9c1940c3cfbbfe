import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Returns the version in the nearest package.json: the one beside the bundle, or the repository's
 * if the app runs from its sources.
 */
export function readAppVersion(directory = import.meta.dirname): string {
  const file = join(directory, "package.json");
  if (!existsSync(file)) return readAppVersion(dirname(directory));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
