import type { EntityOptions } from "./config.ts";
import { type Consumer, createConsumers } from "./consumers.ts";
import { createDuplicateDetection } from "./duplicate-detection.ts";
import { ServiceBusError } from "./errors.ts";
import { createLocks, type Lock, lockLost } from "./locks.ts";
import { changeProperties, type Message, messageState } from "./message.ts";
import { createOrderedList } from "./ordered-list.ts";
import { createSchedule, messageNotFound } from "./schedule.ts";
import { createSessions } from "./sessions.ts";

/** How a message is settled. */
export type Settlement =
  | { readonly verb: "complete" }
  | { readonly verb: "abandon" | "defer"; readonly properties?: Properties }
  | { readonly verb: "deadLetter"; readonly reason?: string; readonly description?: string; readonly properties?: Properties };

type Properties = Readonly<Record<string, unknown>>;

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
  /** Ends every lock now, those of sessions too: their messages are delivered again. */
  expireLocks(): void;
  /** Takes a deferred message by its number, locked or for good. */
  takeDeferred(number: number, locked: boolean): { message: Message; lock: Lock | undefined };
  cancelScheduled(number: number): void;
  /** Every message from a number on, whatever its state, by number. */
  peek(from: number, count: number, sessionId: string | undefined): Message[];
  close(): void;
}

/** Creates a queue. `numbers` gives sequence numbers: a dead-letter queue shares those of its parent. */
export function createQueue(
  path: string,
  options: EntityOptions,
  duplicateWindowMs?: number,
  numbers = counter(),
  isDeadLetterQueue = false,
): Queue {
  const active = createOrderedList<Message>();
  const deferred = new Map<number, Message>();
  const schedule = createSchedule();
  const duplicates = createDuplicateDetection(duplicateWindowMs);
  const locks = createLocks(options.lockDurationMs, (message) => putBack(message, true));
  const sessions = createSessions(options.lockDurationMs, ({ token }, counted) => {
    const message = locks.end(token);
    if (message) putBack(message, counted);
  });
  const consumers = createConsumers(
    ({ session }) => nextOf(session ? session.messages : active),
    (consumer, message) => consumer.hand(message, consumer.settlesFirst ? undefined : locks.grant(message, consumer.session)),
  );
  const deadLetterOptions = { ...options, maxDeliveryCount: Number.POSITIVE_INFINITY, requiresSession: false };
  const deadLetters = isDeadLetterQueue ? undefined : createQueue(`${path}/$DeadLetterQueue`, deadLetterOptions, undefined, numbers, true);

  function enqueue(message: Message): number {
    if (options.requiresSession && message.sessionId === undefined) {
      throw new ServiceBusError(
        "amqp:not-allowed",
        "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
      );
    }
    if (duplicates.isDuplicate(message.messageId)) return 0;
    const now = Date.now();
    const { scheduledAt } = message;
    if (scheduledAt === undefined || scheduledAt <= now) return begin(message, now);
    message.enqueuedAt = now;
    message.sequenceNumber = numbers();
    message.state = messageState.scheduled;
    schedule.add(message, scheduledAt, () => begin(message, Date.now()));
    return message.sequenceNumber;
  }

  /** Makes a message available; one that was scheduled gets a new number. */
  function begin(message: Message, now: number): number {
    message.enqueuedAt = now;
    message.sequenceNumber = numbers();
    message.state = messageState.active;
    message.expiresAt = now + Math.min(message.timeToLiveMs ?? Number.POSITIVE_INFINITY, options.timeToLiveMs);
    insert(message);
    return message.sequenceNumber;
  }

  function insert(message: Message): void {
    if (options.requiresSession) sessions.insert(message);
    else active.insert(message);
    consumers.pump();
  }

  function nextOf(list: typeof active): Message | undefined {
    for (let message = list.take(); message; message = list.take()) {
      if (message.expiresAt === undefined || message.expiresAt > Date.now()) return message;
      if (options.deadLetterExpired)
        bury(message, {
          DeadLetterReason: "TTLExpiredException",
          DeadLetterErrorDescription: "The message expired and was dead lettered.",
        });
    }
    return undefined;
  }

  /** Gives a message back as it was, its failed delivery counted or not. */
  function putBack(message: Message, counted: boolean): void {
    if (counted) message.deliveryCount++;
    const description = `Message could not be consumed after ${options.maxDeliveryCount} delivery attempts.`;
    if (message.state === messageState.deferred) deferred.set(message.sequenceNumber, message);
    else if (message.deliveryCount < options.maxDeliveryCount) insert(message);
    else bury(message, { DeadLetterReason: "MaxDeliveryCountExceeded", DeadLetterErrorDescription: description });
  }

  /** Moves a message to the dead letters, where it keeps its number and does not expire. */
  function bury(message: Message, properties: Properties): void {
    change(message, properties);
    message.state = messageState.active;
    message.expiresAt = undefined;
    if (deadLetters) deadLetters.accept(message);
    else insert(message);
  }

  function change(message: Message, properties: Properties = {}): void {
    if (Object.keys(properties).length > 0) changeProperties(message, properties);
  }

  function settleMessage(message: Message, settlement: Settlement): void {
    switch (settlement.verb) {
      case "complete":
        return;
      case "abandon":
        change(message, settlement.properties);
        putBack(message, true);
        return;
      case "defer":
        change(message, settlement.properties);
        message.state = messageState.deferred;
        deferred.set(message.sequenceNumber, message);
        return;
      case "deadLetter": {
        const { reason, description, properties } = settlement;
        const given = { DeadLetterReason: reason, DeadLetterErrorDescription: description };
        bury(message, { ...properties, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });
      }
    }
  }

  return {
    path,
    options,
    sessions,
    deadLetters,
    enqueue,
    accept: insert,
    pump: consumers.pump,
    addConsumer: consumers.add,
    removeConsumer: consumers.remove,
    settle(token, settlement) {
      const message = locks.end(token);
      if (!message) throw lockLost();
      settleMessage(message, settlement);
    },
    renew: locks.renew,
    expireLocks() {
      sessions.expireAll();
      locks.expireAll();
    },
    takeDeferred(number, locked) {
      const message = deferred.get(number);
      if (!message) throw messageNotFound();
      deferred.delete(number);
      return { message, lock: locked ? locks.grant(message, undefined) : undefined };
    },
    cancelScheduled: schedule.cancel,
    peek(from, count, sessionId) {
      const now = Date.now();
      const all = [...active.values(), ...sessions.messages(), ...locks.messages(), ...deferred.values(), ...schedule.messages()];
      const alive = all.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
      const wanted = alive.filter(
        (message) => message.sequenceNumber >= from && (sessionId === undefined || message.sessionId === sessionId),
      );
      return wanted.sort((a, b) => a.sequenceNumber - b.sequenceNumber).slice(0, count);
    },
    close() {
      locks.close();
      schedule.close();
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
