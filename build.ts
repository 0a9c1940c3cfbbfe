import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { defineCommand, runCommand } from "./tools/command-line.ts";

// Builds dist/, which `func azure functionapp publish` or azd deploys. It is ESM with splitting, so
// that each SDK is loaded when it is first used.

const root = import.meta.dirname;
const dist = join(root, "dist");

/**
 * Packages that durable-functions loads at its start and that the app needs later or never.
 * Together they take longer to load than everything else (bench/README.md). The build delays each
 * until one of its properties is read.
 */
const lazyPackageNames = ["axios", "moment", "validator"];
const lazyPackagesPlugin: Plugin = {
  name: "lazy-packages",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: new RegExp(`^(${lazyPackageNames.join("|")})$`) }, ({ path, importer }) =>
      /node_modules[\\/]durable-functions[\\/]/.test(importer) ? { path, namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy" }, async ({ path }) => {
      const { path: file } = await resolve(path, { resolveDir: root, kind: "require-call" });
      const contents = `
        let loaded;
        const load = () => (loaded ??= require(${JSON.stringify(file)}));
        module.exports = new Proxy(function () {}, {
          get: (_, name) => (name === "__esModule" ? true : name === "default" ? (load().default ?? load()) : load()[name]),
          apply: (_, self, args) => Reflect.apply(load(), self, args),
        });`;
      return { contents, resolveDir: root };
    });
  },
};

await runCommand(
  defineCommand("npm run build", "Builds dist/, which is what is deployed.", "npm run build -- --quiet")
    .option("--quiet", "print errors only")
    .option("--metafile <FILE>", "write what esbuild notes about the build: which file went where")
    .action(buildDist),
);

async function buildDist(options: { readonly quiet?: true; readonly metafile?: string }): Promise<void> {
  const started = performance.now();
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: "functions/index.ts" },
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    plugins: [lazyPackagesPlugin],
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    // A stack trace needs only paths and lines. The source texts would make the maps four times as
    // large.
    sourcesContent: false,
    write: false,
    metafile: true,
    // The Functions host provides it to code that loads it with require.
    external: ["@azure/functions-core"],
    // jsonc-parser's CommonJS build hides its parts from bundlers; its ES modules do not.
    mainFields: ["module", "main"],
    // Some dependencies are CommonJS and require Node's modules. In an ESM bundle this line makes
    // that possible.
    banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
    logLevel: "warning",
  });

  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const shipped = { name, version, license, private: true, type: "module", main: "index.js", engines: { node: ">=22" } };
  const files = new Map<string, Uint8Array>([
    ...outputFiles.map(({ path, contents }) => [path, contents] as const),
    [join(dist, "package.json"), Buffer.from(`${JSON.stringify(shipped, null, 2)}\n`)],
    [join(dist, "host.json"), readFileSync(join(root, "host.json"))],
  ]);
  for (const [path, contents] of files) replace(path, contents);
  const present = globSync("**/*.*", { cwd: dist }).map((path) => join(dist, path));
  for (const path of present) if (!files.has(path) && !path.endsWith(".part")) rmSync(path, { force: true });

  if (options.metafile !== undefined) writeFileSync(options.metafile, `${JSON.stringify(metafile, null, 2)}\n`);

  if (!options.quiet) {
    const scripts = outputFiles.filter(({ path }) => path.endsWith(".js"));
    const megabytes = scripts.reduce((sum, { contents }) => sum + contents.length, 0) / 2 ** 20;
    console.log(
      `${relative(process.cwd(), dist) || "."}/: ${scripts.length} scripts, ${megabytes.toFixed(1)} MB, built in ${Math.round(performance.now() - started)} ms`,
    );
  }
}

/**
 * Replaces a file in one step, if its content has changed. A host may be running from dist/ during
 * the build.
 */
function replace(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, contents);
  renameSync(part, path);
}
