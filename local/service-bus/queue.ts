import { randomBytes } from "node:crypto";
import type { EntityOptions } from "./config.ts";
import { createDuplicateDetection } from "./duplicate-detection.ts";
import { ServiceBusError } from "./errors.ts";
import { type Message, messageState } from "./message.ts";
import { createOrderedList } from "./ordered-list.ts";
import { createSessions, type Session } from "./sessions.ts";
import { at } from "./timers.ts";

/** Whoever takes messages from a queue. */
export interface Consumer {
  /** The session whose messages it takes; none on queues without sessions. */
  readonly session?: Session;
  /** How many more messages it will take now. */
  capacity(): number;
  /** Hands over a message; `lock` is absent in receive-and-delete mode. */
  hand(message: Message, lock: Lock | undefined): void;
  readonly settlesFirst: boolean;
}

/** The right to settle one delivered message, until its time is over. */
export interface Lock {
  readonly token: string;
  readonly message: Message;
  readonly session: Session | undefined;
  until: number;
}

/** How a message is settled. */
export type Settlement =
  | { readonly verb: "complete" }
  | { readonly verb: "abandon" | "defer"; readonly properties?: Readonly<Record<string, unknown>> }
  | {
      readonly verb: "deadLetter";
      readonly reason?: string;
      readonly description?: string;
      readonly properties?: Readonly<Record<string, unknown>>;
    };

/** A queue, a subscription, or the dead-letter queue of either. */
export interface Queue {
  readonly path: string;
  readonly options: EntityOptions;
  readonly sessions: ReturnType<typeof createSessions>;
  /** A dead-letter queue has none of its own. */
  readonly deadLetters: Queue | undefined;
  /** Takes a message from outside; answers its sequence number, 0 for a duplicate. */
  enqueue(message: Message): number;
  /** Takes a message that keeps its number: from the queue whose dead letters these are. */
  accept(message: Message): void;
  /** Hands out what can be handed out, at the end of this tick. */
  pump(): void;
  addConsumer(consumer: Consumer): void;
  removeConsumer(consumer: Consumer): void;
  /** Settles a delivery. Throws `message-lock-lost` when its lock is over. */
  settle(token: string, settlement: Settlement): void;
  /** Renews a lock; answers until when. Throws `message-lock-lost` when it is over. */
  renew(token: string): number;
  /** Takes a deferred message by its number, locked or for good. */
  takeDeferred(number: number, locked: boolean): { message: Message; lock: Lock | undefined };
  cancelScheduled(number: number): void;
  /** Every message from a number on, whatever its state, by number. */
  peek(from: number, count: number, sessionId: string | undefined): Message[];
  close(): void;
}

const lockLost =
  "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue, or was received by a different receiver instance.";

/** Creates a queue. `numbers` gives sequence numbers: a dead-letter queue shares those of its parent. */
export function createQueue(
  path: string,
  options: EntityOptions,
  duplicateWindowMs: number | undefined,
  numbers: () => number = counter(),
  isDeadLetterQueue = false,
): Queue {
  const active = createOrderedList<Message>();
  const deferred = new Map<number, Message>();
  const scheduled = new Map<number, { message: Message; cancel: () => void }>();
  const locks = new Map<string, { lock: Lock; cancel: () => void }>();
  const duplicates = createDuplicateDetection(duplicateWindowMs);
  const sessions = createSessions(options.lockDurationMs, release);
  const consumers: Consumer[] = [];
  const deadLetters: Queue | undefined = isDeadLetterQueue
    ? undefined
    : createQueue(
        `${path}/$DeadLetterQueue`,
        { ...options, maxDeliveryCount: Number.POSITIVE_INFINITY, requiresSession: false },
        undefined,
        numbers,
        true,
      );
  let turn = 0;
  let pumping = false;

  function enqueue(message: Message): number {
    if (options.requiresSession && message.sessionId === undefined) {
      throw new ServiceBusError(
        "amqp:not-allowed",
        "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
      );
    }
    if (duplicates.isDuplicate(message.messageId)) return 0;
    const now = Date.now();
    message.enqueuedAt = now;
    message.sequenceNumber = numbers();
    if (message.scheduledAt !== undefined && message.scheduledAt > now) {
      message.state = messageState.scheduled;
      const { sequenceNumber } = message;
      scheduled.set(sequenceNumber, { message, cancel: at(message.scheduledAt, () => activate(sequenceNumber)) });
      return sequenceNumber;
    }
    limitLife(message, now);
    insert(message);
    return message.sequenceNumber;
  }

  /** A scheduled message gets a new number when its time has come. */
  function activate(number: number): void {
    const message = scheduled.get(number)?.message;
    if (!message) return;
    scheduled.delete(number);
    message.state = messageState.active;
    message.sequenceNumber = numbers();
    message.enqueuedAt = Date.now();
    limitLife(message, message.enqueuedAt);
    insert(message);
  }

  function limitLife(message: Message, now: number): void {
    if (!isDeadLetterQueue && message.timeToLiveMs !== undefined)
      message.expiresAt = now + Math.min(message.timeToLiveMs, options.timeToLiveMs);
    else if (!isDeadLetterQueue) message.expiresAt = now + options.timeToLiveMs;
    message.tail = undefined;
  }

  function insert(message: Message): void {
    if (options.requiresSession) sessions.insert(message);
    else active.insert(message);
    pump();
  }

  /** Hands messages out in turn, once all that happens in this tick has happened. */
  function pump(): void {
    if (pumping) return;
    pumping = true;
    queueMicrotask(() => {
      pumping = false;
      for (let idle = 0; idle < consumers.length; ) {
        const consumer = consumers[turn++ % consumers.length] as Consumer;
        const message = consumer.capacity() > 0 ? nextFor(consumer) : undefined;
        if (message) deliver(consumer, message);
        idle = message ? 0 : idle + 1;
      }
    });
  }

  function nextFor({ session }: Consumer): Message | undefined {
    const list = session ? session.messages : active;
    for (let message = list.take(); message; message = list.take()) {
      if (message.expiresAt === undefined || message.expiresAt > Date.now()) return message;
      if (options.deadLetterExpired) toDeadLetters(message, "TTLExpiredException", "The message expired and was dead lettered.");
    }
    return undefined;
  }

  function deliver(consumer: Consumer, message: Message): void {
    consumer.hand(message, consumer.settlesFirst ? undefined : lock(message, consumer.session));
  }

  function lock(message: Message, session: Session | undefined): Lock {
    const granted: Lock = {
      token: randomBytes(16).toString("hex"),
      message,
      session,
      until: session ? session.until : Date.now() + options.lockDurationMs,
    };
    locks.set(granted.token, { lock: granted, cancel: session ? () => {} : expireAt(granted) });
    session?.locked.add(granted);
    return granted;
  }

  function expireAt(held: Lock): () => void {
    let cancel = at(held.until, () => {
      // Renewed meanwhile: look again then.
      if (held.until > Date.now()) cancel = expireAt(held);
      else if (unlock(held.token)) putBack(held.message, true);
    });
    return () => cancel();
  }

  function unlock(token: string): Lock | undefined {
    const held = locks.get(token);
    if (!held) return undefined;
    locks.delete(token);
    held.cancel();
    held.lock.session?.locked.delete(held.lock);
    return held.lock;
  }

  /** Gives a message back as it was, its failed delivery counted or not. */
  function putBack(message: Message, counted: boolean): void {
    if (counted) message.deliveryCount++;
    const tooOften = `Message could not be consumed after ${options.maxDeliveryCount} delivery attempts.`;
    if (message.state === messageState.deferred) deferred.set(message.sequenceNumber, message);
    else if (message.deliveryCount < options.maxDeliveryCount) insert(message);
    else toDeadLetters(message, "MaxDeliveryCountExceeded", tooOften);
  }

  /** Called when a session's lock ends, with every message that was locked under it. */
  function release(held: Lock, counted: boolean): void {
    if (unlock(held.token)) putBack(held.message, counted);
  }

  function toDeadLetters(
    message: Message,
    reason: string | undefined,
    description: string | undefined,
    properties: Readonly<Record<string, unknown>> = {},
  ): void {
    const why = {
      ...(reason === undefined ? {} : { DeadLetterReason: reason }),
      ...(description === undefined ? {} : { DeadLetterErrorDescription: description }),
    };
    message.applicationProperties = { ...message.applicationProperties, ...properties, ...why };
    message.state = messageState.active;
    message.expiresAt = undefined;
    message.tail = undefined;
    if (deadLetters) deadLetters.accept(message);
    else insert(message);
  }

  return {
    path,
    options,
    sessions,
    deadLetters,
    enqueue,
    accept: insert,
    pump,
    addConsumer(consumer: Consumer) {
      consumers.push(consumer);
      pump();
    },
    removeConsumer(consumer: Consumer) {
      const index = consumers.indexOf(consumer);
      if (index >= 0) consumers.splice(index, 1);
    },
    settle(token: string, settlement: Settlement) {
      const held = unlock(token);
      if (!held) throw new ServiceBusError("com.microsoft:message-lock-lost", lockLost);
      const { message } = held;
      if (settlement.verb === "complete") return;
      if (settlement.verb === "deadLetter") return toDeadLetters(message, settlement.reason, settlement.description, settlement.properties);
      if (settlement.properties) {
        message.applicationProperties = { ...message.applicationProperties, ...settlement.properties };
        message.tail = undefined;
      }
      if (settlement.verb === "defer") {
        message.state = messageState.deferred;
        return void deferred.set(message.sequenceNumber, message);
      }
      putBack(message, true);
    },
    renew(token: string): number {
      const held = locks.get(token)?.lock;
      if (!held) throw new ServiceBusError("com.microsoft:message-lock-lost", lockLost);
      held.until = Date.now() + options.lockDurationMs;
      return held.until;
    },
    takeDeferred(number: number, locked: boolean): { message: Message; lock: Lock | undefined } {
      const message = deferred.get(number);
      if (!message)
        throw new ServiceBusError(
          "com.microsoft:message-not-found",
          "Failed to lock one or more specified messages. The message does not exist.",
        );
      deferred.delete(number);
      return { message, lock: locked ? lock(message, undefined) : undefined };
    },
    cancelScheduled(number: number) {
      const entry = scheduled.get(number);
      if (!entry)
        throw new ServiceBusError(
          "com.microsoft:message-not-found",
          "Failed to lock one or more specified messages. The message does not exist.",
        );
      entry.cancel();
      scheduled.delete(number);
    },
    peek(from: number, count: number, sessionId: string | undefined): Message[] {
      const now = Date.now();
      const held = [...locks.values()].map((entry) => entry.lock.message);
      const all = [
        ...active.values(),
        ...sessions.messages(),
        ...held,
        ...deferred.values(),
        ...[...scheduled.values()].map((entry) => entry.message),
      ];
      const fits = (message: Message) =>
        message.sequenceNumber >= from &&
        (message.expiresAt === undefined || message.expiresAt > now) &&
        (sessionId === undefined || message.sessionId === sessionId);
      return all
        .filter(fits)
        .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
        .slice(0, count);
    },
    close() {
      for (const { cancel } of [...locks.values(), ...scheduled.values()]) cancel();
      sessions.close();
      deadLetters?.close();
    },
  };
}

/** Counts from 1. */
export function counter(): () => number {
  let last = 0;
  return () => ++last;
}
