import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A package of npm with bytes in the built app. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX id or expression that the package declares. */
  readonly licence: string;
  /** What npm checks the download with, as the lock file has it: `sha512-<base64>`. */
  readonly integrity: string;
  /** Its folder, from the root of the project. */
  readonly folder: string;
}

/** The part of esbuild's metafile that is read here. */
interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>;
}

/**
 * Returns the packages with bytes in the scripts that a metafile describes, sorted by name and
 * version. What is installed and not shipped is not among them. Throws if a package declares no
 * licence or is not in the lock file.
 */
export function shippedPackages(root: string, metafile: Metafile): ShippedPackage[] {
  const lock = readJson(join(root, "package-lock.json")) as { packages: Record<string, { version: string; integrity?: string }> };
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = new Set(inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packageFolderOf(path) : [])));
  const found = new Map<string, ShippedPackage>();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = readJson(join(root, folder, "package.json")) as Record<string, unknown>;
    const locked = lock.packages[folder];
    if (locked?.integrity === undefined || locked.version !== version)
      throw new Error(`${folder} is not what package-lock.json has. Run npm ci, then build again.`);
    if (typeof license !== "string" || license === "") throw new Error(`${folder}/package.json declares no licence.`);
    const shipped = { name: String(name), version: locked.version, licence: license, integrity: locked.integrity, folder };
    const id = `${shipped.name}@${shipped.version}`;
    // The same version can be installed in several places.
    if (!found.has(id)) found.set(id, shipped);
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, shipped]) => shipped);
}

/** Returns the folder of the package that a file belongs to. A file of ours belongs to none. */
function packageFolderOf(path: string): string[] {
  const inside = "node_modules/";
  const start = path.lastIndexOf(inside);
  if (start < 0) return [];
  const [first = "", second = ""] = path.slice(start + inside.length).split("/");
  return [posix.join(path.slice(0, start), inside, first.startsWith("@") ? `${first}/${second}` : first)];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
