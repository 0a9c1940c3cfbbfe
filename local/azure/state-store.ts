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
  /** Runs `work`. Either all of its changes are stored, or none. */
  transaction<T>(work: () => T): T;
}

/** Keeps the state until the process ends. */
export function createStateStore(): StateStore {
  return { map: () => new Map(), transaction: (work) => work() };
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
  return {
    close,
    map<T>(kind: string) {
      const stored = rows.all(kind).map(({ key, value }) => [String(key), JSON.parse(open(value as Uint8Array).toString())] as const);
      const values = new Map<string, T>(stored);
      const { set, delete: drop } = values;
      return Object.assign(values, {
        set(key: string, value: T) {
          save.run(kind, key, seal(Buffer.from(JSON.stringify(value))));
          return set.call(values, key, value);
        },
        delete(key: string) {
          remove.run(kind, key);
          return drop.call(values, key);
        },
      });
    },
    transaction(work) {
      sql.exec("BEGIN");
      try {
        return work();
      } finally {
        // After an error too: the maps have changed, and the store must be equal to them.
        sql.exec("COMMIT");
      }
    },
  };
}
