import { ServiceBusError } from "./errors.ts";
import type { Lock, Session } from "./locks.ts";
import type { Message } from "./message.ts";
import { createOrderedList } from "./ordered-list.ts";
import type { Records } from "./records.ts";
import { callAt } from "./timers.ts";

/** A link that waits for a session. `onGranted` and `onEnded` are called at most once each. */
export interface Acceptor {
  onGranted(session: Session): void;
  onRefused(error: ServiceBusError): void;
  /** The session lock ran out. */
  onEnded(error: ServiceBusError): void;
}

/**
 * Creates the sessions of a queue. Each has at most one holder. `release` gives a lock of a session
 * back.
 */
export function createSessions(lockDurationMs: number, records: Records, release: (lock: Lock, counted: boolean) => void) {
  const sessions = new Map<string, Session>();
  const holders = new Map<Session, { acceptor: Acceptor; cancel: () => void }>();
  const waiting: { acceptor: Acceptor; cancel: () => void }[] = [];

  const sessionOf = (id: string): Session => {
    const session = sessions.get(id) ?? { id, messages: createOrderedList<Message>(), locked: new Set<Lock>(), until: 0, state: null };
    sessions.set(id, session);
    return session;
  };

  for (const { id, state } of records.sessions()) sessionOf(id).state = state;

  function grant(session: Session, acceptor: Acceptor): void {
    session.until = Date.now() + lockDurationMs;
    holders.set(session, { acceptor, cancel: expireAt(session) });
    acceptor.onGranted(session);
  }

  function expireAt(session: Session): () => void {
    let cancel = callAt(session.until, () => {
      if (session.until > Date.now()) cancel = expireAt(session);
      else expire(session);
    });
    return () => cancel();
  }

  function expire(session: Session): void {
    const holder = holders.get(session);
    end(session, true);
    holder?.acceptor.onEnded(sessionLockLostError(session.id));
  }

  function end(session: Session, counted: boolean): void {
    holders.get(session)?.cancel();
    holders.delete(session);
    for (const lock of [...session.locked]) release(lock, counted);
    offer(session);
  }

  function offer(session: Session): void {
    if (holders.has(session) || session.messages.size() === 0) return;
    const next = waiting.shift();
    if (!next) return;
    next.cancel();
    grant(session, next.acceptor);
  }

  return {
    insert(message: Message) {
      const session = sessionOf(message.sessionId ?? "");
      session.messages.insert(message);
      offer(session);
    },
    /**
     * Grants a session: the one with this id, or the next one that has messages. Waits for the
     * latter up to `waitMs`.
     */
    accept(id: string | undefined, waitMs: number, acceptor: Acceptor) {
      if (id !== undefined) {
        const session = sessionOf(id);
        if (!holders.has(session)) return grant(session, acceptor);
        const message = `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`;
        return acceptor.onRefused(new ServiceBusError("com.microsoft:session-cannot-be-locked", message));
      }
      for (const session of sessions.values()) if (!holders.has(session) && session.messages.size() > 0) return grant(session, acceptor);
      const cancel = callAt(Date.now() + waitMs, () => {
        waiting.splice(waiting.indexOf(entry), 1);
        acceptor.onRefused(new ServiceBusError("com.microsoft:timeout", "The operation did not complete within the allotted timeout."));
      });
      const entry = { acceptor, cancel };
      waiting.push(entry);
    },
    /**
     * Cancels the wait for a session, or gives the session back. This does not count as a failed
     * delivery.
     */
    giveUp(acceptor: Acceptor) {
      const index = waiting.findIndex((entry) => entry.acceptor === acceptor);
      if (index >= 0) waiting.splice(index, 1)[0]?.cancel();
      for (const [session, holder] of holders) if (holder.acceptor === acceptor) end(session, false);
    },
    renew(id: string): number {
      const session = requireHeld(id);
      session.until = Date.now() + lockDurationMs;
      return session.until;
    },
    /** Ends the lock of every holder now, as if it had run out. */
    expireAll() {
      for (const session of [...holders.keys()]) expire(session);
    },
    state: (id: string): Buffer | null => requireHeld(id).state,
    setState(id: string, state: Buffer | null) {
      requireHeld(id).state = state;
      records.saveSession(id, state);
    },
    ids: (): string[] => [...sessions.keys()],
    lists: () => [...sessions.values()].map(({ messages }) => messages),
    messages: (): Message[] => [...sessions.values()].flatMap((session) => session.messages.values()),
    close() {
      for (const { cancel } of [...holders.values(), ...waiting]) cancel();
    },
  };

  function requireHeld(id: string): Session {
    const session = sessions.get(id);
    if (!session || !holders.has(session)) throw sessionLockLostError(id);
    return session;
  }
}

function sessionLockLostError(id: string): ServiceBusError {
  return new ServiceBusError("com.microsoft:session-lock-lost", `The session lock has expired on the session with id ${id}.`);
}
