import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

// Builds dist/: what `func azure functionapp publish` or azd ships. ESM with splitting, so that an SDK is loaded when it is first used.

const root = import.meta.dirname;
const started = performance.now();
rmSync(join(root, "dist"), { recursive: true, force: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { index: "functions/index.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minifySyntax: true,
  sourcemap: true,
  // The source texts would make the maps four times as large; the paths and lines are what a stack trace needs.
  sourcesContent: false,
  metafile: true,
  // The Functions host provides it, to whoever asks through require.
  external: ["@azure/functions-core"],
  // jsonc-parser's CommonJS build hides its parts from bundlers; its ES modules do not.
  mainFields: ["module", "main"],
  // Some dependencies are CommonJS and require Node's modules, which an ESM bundle must make possible itself.
  banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
  logLevel: "warning",
});

const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const shipped = { name, version, license, private: true, type: "module", main: "index.js", engines: { node: ">=22" } };
writeFileSync(join(root, "dist", "package.json"), `${JSON.stringify(shipped, null, 2)}\n`);
cpSync(join(root, "host.json"), join(root, "dist", "host.json"));

if (!process.argv.includes("--quiet")) {
  const scripts = Object.entries(metafile.outputs).filter(([file]) => file.endsWith(".js"));
  const bytes = scripts.reduce((sum, [, { bytes: size }]) => sum + size, 0);
  console.log(`dist/: ${scripts.length} files, ${(bytes / 2 ** 20).toFixed(1)} MB, built in ${Math.round(performance.now() - started)} ms`);
}
