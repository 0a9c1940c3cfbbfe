import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";

/** Which modules of the product each broken variant has another one for. */
const replaced = {
  "fence-removed": ["shared/durable/fence.ts"],
  "lease-removed": ["orchestrations/gateway-lease.ts"],
  "identity-removed": ["shared/durable/instance-id.ts", "functions/intake/receive-request.ts"],
  "publish-before-verify": ["orchestrations/poll-until-done.ts", "orchestrations/verify-change.ts"],
  "claim-overwritten": ["shared/durable/claim.ts"],
  "keys-remembered-early": ["orchestrations/azure-state.ts"],
  "keys-not-forgotten": ["shared/durable/connection-keys.ts"],
  "put-without-read": ["functions/activities/put-connection.ts"],
  "killing-activity": ["functions/activities/validate-request.ts", "functions/upkeep/end-stuck-instances.ts"],
} as const;

export type Variant = keyof typeof replaced;

const root = join(import.meta.dirname, "..", "..", "..");

/**
 * Builds the product with something broken on purpose, from its sources as they are; answers the
 * app's directory.
 */
export async function buildVariant(variant: Variant): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), `${variant}-`));
  const targets = replaced[variant].map((path) => join(root, path));
  const substitute = join(import.meta.dirname, `${variant}.ts`);
  await build({
    absWorkingDir: root,
    entryPoints: { index: "functions/index.ts" },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    external: ["@azure/functions-core"],
    mainFields: ["module", "main"],
    banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
    logLevel: "warning",
    plugins: [
      {
        name: "broken-on-purpose",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, importer }) =>
            importer !== substitute && targets.includes(resolve(resolveDir, path)) ? { path: substitute } : undefined,
          ),
      },
    ],
  });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
  cpSync(join(root, "host.json"), join(directory, "host.json"));
  return directory;
}
