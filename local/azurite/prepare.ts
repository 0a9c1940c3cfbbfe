import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, prepareOnce, runTool } from "../first-use.ts";

const name = "azurite";
const files = ["package.json", "package-lock.json"];

/** The folder where Azurite is installed. */
export const azuriteFolder = cacheFolder(name);

/** Installs Azurite on first use, with the exact versions of its lock file. */
export function prepareAzurite(say: (line: string) => void): Promise<void> {
  return prepareOnce(
    name,
    files.map((file) => join(import.meta.dirname, file)),
    (folder) => {
      say("Installing Azurite (first use) …");
      for (const file of files) copyFileSync(join(import.meta.dirname, file), join(folder, file));
      return runTool("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
    },
  );
}
