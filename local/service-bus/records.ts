import type { Message } from "./message.ts";

/** A message as a restarted broker reads it. */
export interface MessageRecord {
  readonly message: Message;
  /** A consumer held it when the broker ended. */
  readonly locked: boolean;
}

/**
 * The records of one entity. It writes every change here, so that a restarted broker can continue.
 */
export interface Records {
  /** Everything that was recorded before this start: messages in the order of their numbers, */
  messages(): readonly MessageRecord[];
  /** the last sequence number, */
  lastNumber(): number;
  /** the ids that were seen, in the order of time, */
  seen(): readonly { readonly id: string; readonly at: number }[];
  /** and the states of sessions. */
  sessions(): readonly { readonly id: string; readonly state: Buffer }[];
  /** Records the message in its present state, as not locked. */
  save(message: Message): void;
  lock(message: Message): void;
  remove(sequenceNumber: number): void;
  count(lastNumber: number): void;
  see(id: string, at: number): void;
  forgetSeen(until: number): void;
  saveSession(id: string, state: Buffer | null): void;
}

/** The store of the records of all entities. */
export interface Store {
  recordsOf(path: string): Records;
  /** Writes all records to disk. Called before a client gets a response. */
  commit(): void;
  close(): void;
}

const forgetful: Records = {
  messages: () => [],
  lastNumber: () => 0,
  seen: () => [],
  sessions: () => [],
  save() {},
  lock() {},
  remove() {},
  count() {},
  see() {},
  forgetSeen() {},
  saveSession() {},
};

/** A store that keeps nothing: everything is in memory only. */
export const inMemory: Store = { recordsOf: () => forgetful, commit() {}, close() {} };
