import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..", "..");

/**
 * Makes the app of the conformance suite with the settings of versions of our host.json, but
 * another `defaultVersion`, in a new folder below `directory`. The app of version N has also an
 * orchestration `only<N>`, which the other ones do not know. `changes` are other settings of
 * `durableTask`.
 */
export function versionedApp(directory: string, defaultVersion: string | undefined, changes: object = {}): string {
  const { extensions } = JSON.parse(readFileSync(join(root, "host.json"), "utf8"));
  const { versionMatchStrategy, versionFailureStrategy } = extensions.durableTask;
  const app = mkdtempSync(join(directory, "app-"));
  const library = pathToFileURL(createRequire(import.meta.url).resolve("durable-functions")).href;
  const index = relative(app, join(root, "test", "conformance", "durable-app", "index.ts")).replaceAll("\\", "/");
  writeFileSync(
    join(app, "index.js"),
    `import * as df from ${JSON.stringify(library)};
import ${JSON.stringify(index)};
df.app.orchestration("only${defaultVersion}", function* (context) {
  return { version: context.df.version ?? null };
});
`,
  );
  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
  const durableTask = { hubName: "Versions", versionMatchStrategy, versionFailureStrategy, defaultVersion, ...changes };
  writeFileSync(join(app, "host.json"), JSON.stringify({ version: "2.0", extensions: { durableTask } }));
  return app;
}
