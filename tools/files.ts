import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

/** What a command was given to read: a file, or the standard input under the name `-`. */
export interface InputFile {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * Reads files, the `.json` files of folders, and the standard input (`-`), in the order given. The
 * files of a folder are sorted by name. If a path cannot be read, `faults` has a sentence for it.
 */
export async function readFiles(paths: readonly string[]): Promise<{ files: InputFile[]; faults: string[] }> {
  const files: InputFile[] = [];
  const faults: string[] = [];
  for (const path of paths) {
    if (path === "-") {
      files.push({ name: "-", content: await buffer(process.stdin) });
      continue;
    }
    try {
      const names = statSync(path).isDirectory() ? jsonFilesOf(path) : [path];
      if (names.length === 0) faults.push(`The folder ${path} has no .json files.`);
      for (const name of names) files.push({ name, content: readFileSync(name) });
    } catch (error) {
      faults.push(faultOf(path, error));
    }
  }
  return { files, faults };
}

function jsonFilesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => /\.json$/i.test(entry.name) && !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

function faultOf(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return `${path || '""'} does not exist.`;
  if (code === "EACCES" || code === "EPERM") return `${path} cannot be read: this user has no right to read it.`;
  return `${path} cannot be read (${code ?? error}).`;
}
