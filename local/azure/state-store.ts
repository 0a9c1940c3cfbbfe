import { createGroupCommit } from "../group-commit.ts";
import { createStoreCipher } from "../service-bus/store-cipher.ts";
import { openStoreFile } from "../sqlite.ts";

/** Values by name. Replace a value with `set`; never change it in place. */
export type StateMap<T> = Pick<Map<string, T>, "get" | "has" | "set" | "delete" | "values" | "keys">;

/**
 * The state of the simulated Azure: connections, operations, secrets, and the requests that it has
 * received.
 */
export interface StateStore {
  /** Returns the values of one kind, in the order in which they were added. */
  map<T>(kind: string): StateMap<T>;
  /**
   * Resolves when every change so far is on disk. Changes of one turn of the event loop are
   * committed together. A response must wait for its changes.
   */
  committed(): Promise<void>;
}

/** Keeps the state until the process ends. */
export function createStateStore(): StateStore {
  return { map: () => new Map(), committed: async () => {} };
}

const schema =
  "CREATE TABLE kept (place INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (kind, key)) STRICT;";

/**
 * Keeps the state in `azure.sqlite` of a directory. Values are encrypted, because they contain
 * pre-shared keys.
 */
export function openStateStore(directory: string): StateStore & { close(): void } {
  const { sql, close } = openStoreFile(directory, { name: "azure", owner: "simulated Azure", version: 1, schema });
  const { seal, open } = createStoreCipher(directory, "azure");
  const rows = sql.prepare("SELECT key, value FROM kept WHERE kind = ? ORDER BY place");
  const save = sql.prepare("INSERT INTO kept (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  const remove = sql.prepare("DELETE FROM kept WHERE kind = ? AND key = ?");
  const { begin, commit, committed } = createGroupCommit(sql);
  return {
    committed,
    close() {
      commit();
      close();
    },
    map<T>(kind: string) {
      const stored = rows.all(kind).map(({ key, value }) => [String(key), JSON.parse(open(value as Uint8Array).toString())] as const);
      const values = new Map<string, T>(stored);
      const { set, delete: drop } = values;
      return Object.assign(values, {
        set(key: string, value: T) {
          begin();
          save.run(kind, key, seal(Buffer.from(JSON.stringify(value))));
          return set.call(values, key, value);
        },
        delete(key: string) {
          begin();
          remove.run(kind, key);
          return drop.call(values, key);
        },
      });
    },
  };
}
