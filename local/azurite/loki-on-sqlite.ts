import { writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** The part of LokiJS 1.5, the database of Azurite, that is used here. */
interface Collection {
  readonly name: string;
  readonly uniqueNames: readonly string[];
  readonly binaryIndices: Readonly<Record<string, object>>;
  readonly disableMeta: boolean;
  /** Ids of the records that were inserted, changed or removed. */
  dirtyIds: number[];
  data: { readonly $loki: number }[];
  maxId: number;
  get(id: number): object | null;
  ensureId(): void;
  ensureAllIndexes(force: boolean): void;
}
interface Loki {
  readonly filename: string;
  readonly collections: Collection[];
  isIncremental: boolean;
  addCollection(name: string, options: object): Collection;
}
type Done = (error?: unknown) => void;
export interface LokiClass {
  readonly prototype: Loki & {
    configureOptions(options: object, initial: boolean): void;
    loadDatabase(options: object, done: Done): void;
    saveDatabase(done?: Done): void;
  };
}

export const lokiSchema = `
  CREATE TABLE collections (database TEXT NOT NULL, name TEXT NOT NULL, shape TEXT NOT NULL, PRIMARY KEY (database, name)) STRICT;
  CREATE TABLE documents (
    database TEXT NOT NULL, collection TEXT NOT NULL, id INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (database, collection, id)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Keeps the databases of Azurite in SQLite. Azurite itself writes them to files every five seconds,
 * so a killed Azurite would lose what it had confirmed. Returns the function that stores the
 * changes since its last call.
 */
export function keepLokiInSqlite(loki: LokiClass, sql: DatabaseSync): () => void {
  const databases: { loki: Loki; stored: Map<string, Collection> }[] = [];
  const saveCollection = sql.prepare("INSERT OR REPLACE INTO collections VALUES (?, ?, ?)");
  const dropCollection = sql.prepare("DELETE FROM collections WHERE database = ? AND name = ?");
  const dropDocuments = sql.prepare("DELETE FROM documents WHERE database = ? AND collection = ?");
  const saveDocument = sql.prepare("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)");
  const dropDocument = sql.prepare("DELETE FROM documents WHERE database = ? AND collection = ? AND id = ?");
  const collections = sql.prepare("SELECT name, shape FROM collections WHERE database = ?");
  const documents = sql.prepare("SELECT document FROM documents WHERE database = ? AND collection = ? ORDER BY id");

  function* changesOf({ loki: { filename, collections: present }, stored }: (typeof databases)[number]): Generator<() => void> {
    for (const [name, collection] of stored) {
      if (present.includes(collection)) continue;
      stored.delete(name);
      yield () => {
        dropCollection.run(filename, name);
        dropDocuments.run(filename, name);
      };
    }
    for (const collection of present) {
      const { name, dirtyIds } = collection;
      if (!stored.has(name)) {
        stored.set(name, collection);
        yield () => saveCollection.run(filename, name, shapeOf(collection));
      }
      if (dirtyIds.length === 0) continue;
      collection.dirtyIds = [];
      for (const id of new Set(dirtyIds)) {
        const document = collection.get(id);
        yield () => (document ? saveDocument.run(filename, name, id, JSON.stringify(document)) : dropDocument.run(filename, name, id));
      }
    }
  }
  function store(): void {
    const changes = databases.flatMap((database) => [...changesOf(database)]);
    if (changes.length === 0) return;
    sql.exec("BEGIN");
    for (const change of changes) change();
    sql.exec("COMMIT");
  }

  const { configureOptions } = loki.prototype;
  loki.prototype.configureOptions = function (_options, initial) {
    configureOptions.call(this, {}, initial);
    this.isIncremental = true;
    // Azurite loads a database only if its file is there.
    writeFileSync(this.filename, "");
    databases.push({ loki: this, stored: new Map() });
  };
  loki.prototype.saveDatabase = (done) => {
    store();
    done?.();
  };
  loki.prototype.loadDatabase = function (_options, done) {
    const { filename } = this;
    const stored = databases.find((database) => database.loki === this)?.stored;
    for (const { name, shape } of collections.all(filename)) {
      const collection = this.addCollection(String(name), JSON.parse(String(shape)));
      collection.data = documents.all(filename, name as string).map(({ document }) => JSON.parse(String(document)));
      collection.maxId = collection.data.at(-1)?.$loki ?? 0;
      collection.ensureId();
      collection.ensureAllIndexes(true);
      stored?.set(collection.name, collection);
    }
    done();
  };
  return store;
}

/** Returns the options that a collection was created with, as text. */
function shapeOf({ uniqueNames, binaryIndices, disableMeta }: Collection): string {
  return JSON.stringify({ unique: uniqueNames, indices: Object.keys(binaryIndices), disableMeta });
}
