import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { WrongUse } from "../tools/command-line.ts";

const build = join(import.meta.dirname, "..", "build.ts");

/** Builds the app as it is now. If it does not build, prints the errors and throws a sentence. */
export function buildApp({ quiet }: { readonly quiet: boolean }): void {
  const args = ["--disable-warning=ExperimentalWarning", build, ...(quiet ? ["--quiet"] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", quiet ? 2 : 1, 2] });
  if (status !== 0) throw new WrongUse("The app does not build. Mend the errors above first.");
}
