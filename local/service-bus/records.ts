import type { Message } from "./message.ts";

/** A message as a restart finds it again. */
export interface MessageRecord {
  readonly message: Message;
  /** Somebody held it when the broker ended. */
  readonly locked: boolean;
}

/** What an entity notes of itself as it changes, so that a restart finds it again. */
export interface Records {
  /** What was noted before this start: messages in the order of their numbers, */
  messages(): readonly MessageRecord[];
  /** the last number that was given, */
  lastNumber(): number;
  /** ids that were seen, in the order of time, */
  seen(): readonly { readonly id: string; readonly at: number }[];
  /** and the states of sessions. */
  sessions(): readonly { readonly id: string; readonly state: Buffer }[];
  /** The message is as it says, and in nobody's hands. */
  save(message: Message): void;
  lock(message: Message): void;
  remove(sequenceNumber: number): void;
  count(lastNumber: number): void;
  see(id: string, at: number): void;
  forgetSeen(until: number): void;
  saveSession(id: string, state: Buffer | null): void;
}

/** Where all entities keep their records. */
export interface Store {
  recordsOf(path: string): Records;
  /** Makes certain all that was noted; called before anybody is answered. */
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

/** A store that keeps nothing: what is in memory is all there is. */
export const inMemory: Store = { recordsOf: () => forgetful, commit() {}, close() {} };
