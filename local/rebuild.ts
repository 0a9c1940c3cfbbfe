import { execFile } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";

/** Editors write a file in several steps. All changes within this time count as one. */
const ONE_CHANGE_MS = 100;
const sources = ["functions", "orchestrations", "shared", "azure", "host.json"];

/** Called after a build: with nothing if it succeeded, with the build's message if it failed. */
export type Rebuilt = (fault: string | undefined) => void;

/**
 * Builds the app again when one of its sources changes, one build at a time. Returns the function
 * that ends this.
 */
export function rebuildOnChange(root: string, rebuilt: Rebuilt): () => void {
  let pending: NodeJS.Timeout | undefined;
  let building = false;
  let again = false;
  const build = () => {
    if (building) {
      again = true;
      return;
    }
    building = true;
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "build.ts"), "--quiet"], (error, _out, said) => {
      building = false;
      rebuilt(error ? said.trim() || error.message : undefined);
      if (again) {
        again = false;
        build();
      }
    });
  };
  const onChange = () => {
    clearTimeout(pending);
    pending = setTimeout(build, ONE_CHANGE_MS);
  };
  const watchers = sources.map((source) => watch(join(root, source), { recursive: true }, onChange));
  return () => {
    clearTimeout(pending);
    for (const watcher of watchers) watcher.close();
  };
}
