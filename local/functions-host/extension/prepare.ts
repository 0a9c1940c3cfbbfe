import { join } from "node:path";
import { buildDotnet, cacheFolder } from "../../first-use.ts";

const name = "extension-host";

/** The built .NET program. */
export const extensionProgram = join(cacheFolder(name), "bin", `${name}.dll`);

/** Builds the .NET program on first use. Throws a sentence if this machine has no .NET 10 SDK. */
export function prepareExtension(say: (line: string) => void): Promise<void> {
  return buildDotnet(name, join(import.meta.dirname, "dotnet"), say);
}
