import { createExpiry } from "./expiry.ts";
import type { Session } from "./locks.ts";
import type { Message } from "./message.ts";
import { createOrderedList } from "./ordered-list.ts";
import type { createSessions } from "./sessions.ts";

/**
 * Creates the list of the messages of a queue that no consumer holds, by session if the queue has
 * sessions. Calls `expire` with each message that expires. Locked and deferred messages do not
 * expire (https://learn.microsoft.com/en-us/azure/service-bus-messaging/message-expiration).
 */
export function createAvailableMessages(sessions: ReturnType<typeof createSessions> | undefined, expire: (message: Message) => void) {
  const list = createOrderedList<Message>();
  const expiry = createExpiry(sweep);
  const values = () => sessions?.messages() ?? list.values();

  function sweep(): number | undefined {
    const now = Date.now();
    for (const each of sessions?.lists() ?? [list]) for (const message of each.remove((one) => isExpired(one, now))) expire(message);
    return values().reduce<number | undefined>(
      (first, { expiresAt }) => Math.min(first ?? Number.POSITIVE_INFINITY, expiresAt ?? Number.POSITIVE_INFINITY),
      undefined,
    );
  }

  return {
    values,
    insert(message: Message) {
      if (sessions) sessions.insert(message);
      else list.insert(message);
      expiry.note(message.expiresAt);
    },
    /** Removes and returns the next message, of one session or of the whole queue. */
    next(session: Session | undefined): Message | undefined {
      const from = session ? session.messages : list;
      for (let message = from.take(); message; message = from.take()) {
        if (!isExpired(message, Date.now())) return message;
        expire(message);
      }
      return undefined;
    },
    close: expiry.close,
  };
}

function isExpired({ expiresAt }: Message, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
