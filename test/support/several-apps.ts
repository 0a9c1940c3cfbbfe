import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, loadApp } from "../../local/functions-host/app/load-app.ts";

const dist = join(import.meta.dirname, "..", "..", "dist");

/**
 * Loads the built app several times into this process, each time with other settings, as instances
 * of a deployment that got a changed setting at different times. Each is a copy of dist/, because a
 * module is loaded once.
 */
export async function loadSeveralApps<Name extends string>(
  settings: Readonly<Record<string, string>>,
  differences: Readonly<Record<Name, Readonly<Record<string, string>>>>,
): Promise<Map<Name, App>> {
  const apps = new Map<Name, App>();
  for (const name of Object.keys(differences) as Name[]) {
    const directory = mkdtempSync(join(tmpdir(), "app-copy-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    cpSync(dist, directory, { recursive: true });
    Object.assign(process.env, settings, differences[name]);
    apps.set(name, await loadApp(directory));
  }
  return apps;
}

/** Returns an app that gives each invocation to the app that `choose` returns. */
export function shareInvocations(apps: readonly App[], choose: () => App): App {
  const [first] = apps;
  if (!first) throw new Error("There is no app");
  return {
    directory: first.directory,
    functions: first.functions,
    get log() {
      return first.log;
    },
    set log(to) {
      for (const app of apps) app.log = to;
    },
    invoke(target, invocation) {
      const app = choose();
      const own = app.functions.find(({ name }) => name === target.name);
      if (!own) throw new Error(`The app has no function ${target.name}`);
      return app.invoke(own, invocation);
    },
    terminate: async () => void (await Promise.all(apps.map((app) => app.terminate()))),
  };
}
