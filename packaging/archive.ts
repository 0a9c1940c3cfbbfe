import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";

/** The earliest time that a zip file can have. zipSync reads it as local time. */
const time = new Date(1980, 0, 1);
const readableFile = 0o100644;
const unix = 3;

/**
 * Returns a zip file of a folder. The same files always give the same bytes: names are sorted, and
 * times and modes are fixed. The compression is JavaScript, so it does not depend on Node's zlib.
 */
export function zipFolder(folder: string, isWanted: (path: string) => boolean): Uint8Array {
  const paths = globSync("**/*.*", { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .filter(isWanted)
    .sort();
  const entries: Zippable = {};
  for (const path of paths) entries[path] = [readFileSync(join(folder, path)), { attrs: readableFile << 16, os: unix }];
  return zipSync(entries, { level: 9, mtime: time });
}
