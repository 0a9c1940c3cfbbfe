import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** The version of Bicep that compiles. The project file downloads it. */
export const bicepVersion = /\[([\d.]+)\]/.exec(readFileSync(join(import.meta.dirname, "bicep", "bicep.csproj"), "utf8"))?.[1] ?? "";

/** What was compiled from what: paths and their hashes. */
export interface Lock {
  readonly bicep: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The file that holds the lock. */
export const lockFile = join(import.meta.dirname, "compiled.lock.json");

/** Returns the lock of the files as they are now. */
export function currentLock(): Lock {
  const inputs = [
    "infra/**/*.{bicep,bicepparam}",
    "infra/gateway-actions.json",
    "infra/monitoring/**/*.{kql,json}",
    "local/service-bus/config.json",
  ];
  return { bicep: bicepVersion, inputs: hashesOf(inputs), outputs: hashesOf(["infra/main.json", "infra/snapshots/*.json"]) };
}

/** Returns the sentences that say which files do not belong together, or nothing. */
export function findStale(locked: Lock, current: Lock): string[] {
  const cure = "Run `npm run infra` where the .NET 10 SDK is, and commit the result.";
  const differing = (kind: "inputs" | "outputs") =>
    [...new Set([...Object.keys(locked[kind]), ...Object.keys(current[kind])])].filter(
      (path) => locked[kind][path] !== current[kind][path],
    );
  return [
    ...(locked.bicep === current.bicep ? [] : [`infra/bicep/bicep.csproj names another Bicep than infra/main.json is from. ${cure}`]),
    ...differing("inputs").map((path) => `${path} has changed since infra/main.json was compiled. ${cure}`),
    ...differing("outputs").map((path) => `${path} is not what Bicep wrote. ${cure}`),
  ];
}

function hashesOf(patterns: readonly string[]): Record<string, string> {
  const paths = globSync(patterns, { cwd: root }).map((path) => path.replaceAll("\\", "/"));
  return Object.fromEntries(
    paths.sort().map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex"),
    ]),
  );
}
