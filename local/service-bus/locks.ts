import { randomUUID } from "node:crypto";
import { ServiceBusError } from "./errors.ts";
import type { Message } from "./message.ts";
import type { createOrderedList } from "./ordered-list.ts";
import { callAt } from "./timers.ts";

/** The right to settle one delivered message, up to a time (real time). */
export interface Lock {
  readonly token: string;
  readonly message: Message;
  readonly session: Session | undefined;
  until: number;
}

/** The messages of one session id, and the locks of its holder. */
export interface Session {
  readonly id: string;
  readonly messages: ReturnType<typeof createOrderedList<Message>>;
  readonly locked: Set<Lock>;
  /** When the lock of its holder ends, in real time. */
  until: number;
  state: Buffer | null;
}

/**
 * Creates the locks of a queue. A lock on a message of a session ends with the lock of the session.
 * `onExpired` is called with the message of a lock that ran out.
 */
export function createLocks(durationMs: number, onExpired: (message: Message) => void) {
  const locks = new Map<string, { lock: Lock; cancel: () => void }>();

  function expireAt(lock: Lock): () => void {
    let cancel = callAt(lock.until, () => {
      // It may have been renewed in the meantime.
      if (lock.until > Date.now()) cancel = expireAt(lock);
      else if (end(lock.token)) onExpired(lock.message);
    });
    return () => cancel();
  }

  function end(token: string): Message | undefined {
    const held = locks.get(token);
    if (!held) return undefined;
    locks.delete(token);
    held.cancel();
    held.lock.session?.locked.delete(held.lock);
    return held.lock.message;
  }

  return {
    grant(message: Message, session: Session | undefined): Lock {
      const lock: Lock = {
        token: randomUUID().replaceAll("-", ""),
        message,
        session,
        until: session ? session.until : Date.now() + durationMs,
      };
      locks.set(lock.token, { lock, cancel: session ? () => {} : expireAt(lock) });
      session?.locked.add(lock);
      return lock;
    },
    /** Ends a lock. Returns its message, or nothing if the lock was already over. */
    end,
    /** Renews a lock. Returns its new end. Throws `message-lock-lost` if it is over. */
    renew(token: string): number {
      const lock = locks.get(token)?.lock;
      if (!lock) throw lockLostError();
      lock.until = Date.now() + durationMs;
      return lock.until;
    },
    /** Ends every lock now, as if it had run out. */
    expireAll() {
      for (const { lock } of [...locks.values()]) if (end(lock.token)) onExpired(lock.message);
    },
    messages: (): Message[] => [...locks.values()].map(({ lock }) => lock.message),
    close() {
      for (const { cancel } of locks.values()) cancel();
    },
  };
}

/** Returns the error for a settlement or renewal that comes too late. */
export function lockLostError(): ServiceBusError {
  return new ServiceBusError(
    "com.microsoft:message-lock-lost",
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue, or was received by a different receiver instance.",
  );
}
