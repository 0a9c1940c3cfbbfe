import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { constants, gunzipSync } from "node:zlib";

const gzipHead = Buffer.from([0x1f, 0x8b, 8]);

/**
 * Returns all that the files of a data directory hold, as one text: every byte, the rows of every
 * SQLite store (a long text lies scattered over its pages), what is compressed, and UTF-16 as
 * plain letters. The processes may run.
 */
export function readWholeStore(dataDirectory: string): string {
  const files = globSync("**", { cwd: dataDirectory })
    .map((name) => join(dataDirectory, name))
    .filter((file) => statSync(file).isFile());
  const texts = files.flatMap((file) => {
    const bytes = readFileSync(file);
    const text = bytes.toString("latin1");
    const wide = text.includes("\0") ? [text.replaceAll("\0", "")] : [];
    return [file, text, ...wide, ...unpackedPartsOf(bytes), ...(file.endsWith(".sqlite") ? rowsOf(file) : [])];
  });
  return texts.join("\n");
}

/** Azurite appends blobs to one file, so a compressed one may begin anywhere. */
function* unpackedPartsOf(bytes: Buffer): Generator<string> {
  for (let at = bytes.indexOf(gzipHead); at >= 0; at = bytes.indexOf(gzipHead, at + 1)) {
    try {
      yield gunzipSync(bytes.subarray(at), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    } catch {
      // These three bytes can stand anywhere by chance.
    }
  }
}

function rowsOf(file: string): string[] {
  const store = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = store.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.flatMap(({ name }) => store.prepare(`SELECT * FROM "${name}"`).all()).map((row) => JSON.stringify(row));
  } finally {
    store.close();
  }
}
