import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type App, loadApp } from "../../local/functions-host/app/load-app.ts";

const root = join(import.meta.dirname, "..", "..");

/**
 * The directory of an app whose entry is a source file, as a host loads it; gone when this process
 * ends.
 */
export function sourceAppDirectory(entry = join(root, "functions", "index.ts")): string {
  const directory = mkdtempSync(join(tmpdir(), "source-app-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  copyFileSync(join(root, "host.json"), join(directory, "host.json"));
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ type: "module", main: relative(directory, entry).replaceAll("\\", "/") }),
  );
  return directory;
}

/**
 * Loads the app from its sources into this process, without a build. It keeps its settings for as
 * long as the process lives; `entry` may register more than the app does.
 */
export async function loadSourceApp(settings: Readonly<Record<string, string>>, entry?: string): Promise<App> {
  Object.assign(process.env, settings);
  return loadApp(sourceAppDirectory(entry));
}
