import { createExpiry } from "./expiry.ts";
import type { Session } from "./locks.ts";
import type { Message } from "./message.ts";
import { createOrderedList } from "./ordered-list.ts";
import type { createSessions } from "./sessions.ts";

/**
 * The messages of a queue that are in nobody's hands, by session where it has sessions. Those that expire are told to `expire`; what is locked or deferred does not
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/message-expiration).
 */
export function createAvailable(sessions: ReturnType<typeof createSessions> | undefined, expire: (message: Message) => void) {
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
    /** Takes the next message, of a session or at all. */
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
