import { createGroupCommit } from "../group-commit.ts";
import { openStoreFile } from "../sqlite.ts";
import { messageOf } from "./message.ts";
import { encodeMessage } from "./message-encoding.ts";
import type { MessageRecord, Records, Store } from "./records.ts";
import { createStoreCipher } from "./store-cipher.ts";

const SCHEMA_VERSION = 1;
const schema = `
  CREATE TABLE messages (
    entity TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, enqueued_at INTEGER NOT NULL, expires_at INTEGER, delivery_count INTEGER NOT NULL,
    state INTEGER NOT NULL, enqueued_number INTEGER, locked INTEGER NOT NULL, PRIMARY KEY (entity, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE numbers (entity TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE seen (entity TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (entity, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (entity TEXT NOT NULL, id TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (entity, id)) STRICT, WITHOUT ROWID;
`;

interface Row {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly enqueued_at: number;
  readonly expires_at: number | null;
  readonly delivery_count: number;
  readonly state: number;
  readonly enqueued_number: number | null;
  readonly locked: number;
}

/**
 * Opens `service-bus.sqlite` in a data directory. Throws a sentence if another broker has it open,
 * or if another version wrote it.
 */
export function openStore(dataDirectory: string): Store {
  const { sql, close } = openStoreFile(dataDirectory, { name: "service-bus", owner: "broker", version: SCHEMA_VERSION, schema });
  // An operation is in one transaction as a whole, because operations do not wait. It is committed
  // before its response. Changes without a response (a lock that ends, a message that is due) are
  // committed at the end of the turn.
  const transaction = createGroupCommit(sql);
  const { seal, open } = createStoreCipher(dataDirectory);
  const prepareWrite = (statement: string) => {
    const prepared = sql.prepare(statement);
    return (...values: (string | number | null | Uint8Array)[]) => {
      transaction.begin();
      prepared.run(...values);
    };
  };
  const save = prepareWrite("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
  const lock = prepareWrite("UPDATE messages SET locked = 1 WHERE entity = ? AND number = ?");
  const remove = prepareWrite("DELETE FROM messages WHERE entity = ? AND number = ?");
  const count = prepareWrite("INSERT OR REPLACE INTO numbers VALUES (?, ?)");
  const see = prepareWrite("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)");
  const forgetSeen = prepareWrite("DELETE FROM seen WHERE entity = ? AND at <= ?");
  const saveSession = prepareWrite("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)");
  const forgetSession = prepareWrite("DELETE FROM sessions WHERE entity = ? AND id = ?");
  const all = <T>(statement: string, entity: string) => sql.prepare(statement).all(entity) as unknown as T[];

  const recordsOf = (entity: string): Records => ({
    messages: () =>
      all<Row>("SELECT * FROM messages WHERE entity = ? ORDER BY number", entity).map((row) => {
        try {
          return recordOf(row, open(row.bytes));
        } catch {
          throw new Error(
            `The messages in ${dataDirectory} are not of its service-bus.key; remove the directory or choose another --data-dir.`,
          );
        }
      }),
    lastNumber: () => all<{ last: number }>("SELECT last FROM numbers WHERE entity = ?", entity)[0]?.last ?? 0,
    seen: () => all<{ id: string; at: number }>("SELECT id, at FROM seen WHERE entity = ? ORDER BY at", entity),
    sessions: () =>
      all<{ id: string; state: Uint8Array }>("SELECT id, state FROM sessions WHERE entity = ?", entity).map(({ id, state }) => ({
        id,
        state: open(state),
      })),
    save(message) {
      const { sequenceNumber, enqueuedAt, expiresAt, deliveryCount, state, enqueuedSequenceNumber } = message;
      save(
        entity,
        sequenceNumber,
        seal(encodeMessage(message)),
        enqueuedAt,
        expiresAt ?? null,
        deliveryCount,
        state,
        enqueuedSequenceNumber ?? null,
      );
    },
    lock: ({ sequenceNumber }) => lock(entity, sequenceNumber),
    remove: (number) => remove(entity, number),
    count: (last) => count(entity, last),
    see: (id, at) => see(entity, id, at),
    forgetSeen: (until) => forgetSeen(entity, until),
    saveSession: (id, state) => (state === null ? forgetSession(entity, id) : saveSession(entity, id, seal(state))),
  });
  return {
    recordsOf,
    commit: transaction.commit,
    close() {
      transaction.commit();
      close();
    },
  };
}

function recordOf(row: Row, bytes: Buffer): MessageRecord {
  const message = messageOf(bytes);
  return {
    message: {
      ...message,
      sequenceNumber: row.number,
      enqueuedSequenceNumber: row.enqueued_number ?? undefined,
      enqueuedAt: row.enqueued_at,
      expiresAt: row.expires_at ?? undefined,
      deliveryCount: row.delivery_count,
      state: row.state,
    },
    locked: row.locked === 1,
  };
}
