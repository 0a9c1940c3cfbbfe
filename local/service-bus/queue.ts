import { createAvailableMessages } from "./available-messages.ts";
import type { EntityOptions } from "./config.ts";
import { type Consumer, createConsumers } from "./consumers.ts";
import { createCounter } from "./counter.ts";
import { createDuplicateDetection } from "./duplicate-detection.ts";
import { ServiceBusError } from "./errors.ts";
import { createLocks, type Lock, lockLostError } from "./locks.ts";
import { changeProperties, type Message, messageState } from "./message.ts";
import { inMemory, type Store } from "./records.ts";
import { createSchedule, throwMessageNotFound } from "./schedule.ts";
import { createSessions } from "./sessions.ts";
import { changesOf, type DeadLettering, type Settlement } from "./settlement.ts";

/** A queue, a subscription, or the dead-letter queue of either. */
export interface Queue {
  readonly path: string;
  readonly options: EntityOptions;
  readonly sessions: ReturnType<typeof createSessions>;
  /** A dead-letter queue has no dead letters. */
  readonly deadLetters: Queue | undefined;
  /** Accepts a message from a sender. Returns its sequence number, or 0 for a duplicate. */
  enqueue(message: Message): number;
  /** Throws the error that `enqueue` would throw. */
  check(message: Message): void;
  /** Accepts the copy of a topic's message. If it does not fit, it becomes a dead letter. */
  enqueueCopy(message: Message): void;
  /** Accepts a dead letter of the parent queue. It keeps its number. */
  accept(message: Message): void;
  /** Hands out as many messages as possible, at the end of this tick. */
  pump(): void;
  addConsumer(consumer: Consumer): void;
  removeConsumer(consumer: Consumer): void;
  /** Settles a delivery. Throws `message-lock-lost` if its lock is over. */
  settle(token: string, settlement: Settlement): void;
  /** Renews a lock. Returns its new end. Throws `message-lock-lost` if it is over. */
  renew(token: string): number;
  /** Ends every lock now, those of sessions too. Their messages are delivered again. */
  expireLocks(): void;
  /** Removes deferred messages by their numbers, or locks them. Either all of them or none. */
  takeDeferred(numbers: readonly number[], locked: boolean): { message: Message; lock: Lock | undefined }[];
  cancelScheduled(number: number): void;
  /** Returns messages in any state, ordered by number, from the number `from` on. */
  peek(from: number, count: number, sessionId: string | undefined): Message[];
  close(): void;
}

/** The parts that a queue is created from. */
export interface QueueParts {
  readonly path: string;
  readonly options: EntityOptions;
  readonly duplicateWindowMs?: number | undefined;
  readonly store?: Store;
  /** Only for a dead-letter queue: the counter of its parent. */
  readonly parentNumbers?: () => number;
}

/** Creates a queue from its records. A locked message is treated as if its lock had run out. */
export function createQueue({ path, options, duplicateWindowMs, store = inMemory, parentNumbers }: QueueParts): Queue {
  const records = store.recordsOf(path);
  const numbers = parentNumbers ?? createCounter(records);
  const deferred = new Map<number, Message>();
  const schedule = createSchedule();
  const duplicates = createDuplicateDetection(duplicateWindowMs, records);
  const locks = createLocks(options.lockDurationMs, (message) => putBack(message, true));
  const sessions = createSessions(options.lockDurationMs, records, ({ token }, counted) => {
    const message = locks.end(token);
    if (message) putBack(message, counted);
  });
  const consumers = createConsumers(({ session }) => available.next(session), deliver);
  const available = createAvailableMessages(options.requiresSession ? sessions : undefined, expire);
  const deadLetterOptions = { ...options, maxDeliveryCount: Number.POSITIVE_INFINITY, requiresSession: false };
  const deadLetters = parentNumbers
    ? undefined
    : createQueue({ path: `${path}/$DeadLetterQueue`, options: deadLetterOptions, store, parentNumbers: numbers });

  for (const { message, locked } of records.messages()) {
    if (locked) putBack(message, true);
    else if (message.state === messageState.deferred) deferred.set(message.sequenceNumber, message);
    else if (message.state === messageState.scheduled) wait(message, message.scheduledAt ?? 0);
    else insert(message);
  }

  function check(message: Message): void {
    if (!options.requiresSession || message.sessionId !== undefined) return;
    throw new ServiceBusError(
      "amqp:not-allowed",
      "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
    );
  }

  function enqueue(message: Message): number {
    check(message);
    if (duplicates.isDuplicate(message.messageId)) return 0;
    const now = Date.now();
    const { scheduledAt } = message;
    if (scheduledAt === undefined || scheduledAt <= now) return begin(message, now);
    message.enqueuedAt = now;
    message.sequenceNumber = numbers();
    message.state = messageState.scheduled;
    records.save(message);
    wait(message, scheduledAt);
    return message.sequenceNumber;
  }

  function wait(message: Message, time: number): void {
    schedule.add(message, time, () => {
      records.remove(message.sequenceNumber);
      begin(message, Date.now());
    });
  }

  /** Makes a message available. A scheduled message gets a new number. */
  function begin(message: Message, now: number): number {
    message.enqueuedAt = now;
    message.sequenceNumber = numbers();
    message.state = messageState.active;
    message.expiresAt = now + Math.min(message.timeToLiveMs ?? Number.POSITIVE_INFINITY, options.timeToLiveMs);
    records.save(message);
    insert(message);
    return message.sequenceNumber;
  }

  function insert(message: Message): void {
    available.insert(message);
    consumers.pump();
  }

  function deliver(consumer: Consumer, message: Message): void {
    if (consumer.settlesFirst) {
      records.remove(message.sequenceNumber);
      consumer.hand(message, undefined);
    } else {
      records.lock(message);
      consumer.hand(message, locks.grant(message, consumer.session));
    }
  }

  function expire(message: Message): void {
    if (options.deadLetterExpired)
      bury(message, { reason: "TTLExpiredException", description: "The message expired and was dead lettered." });
    else records.remove(message.sequenceNumber);
  }

  /** Makes a message available again. `counted` says if this counts as a failed delivery. */
  function putBack(message: Message, counted: boolean): void {
    if (counted) message.deliveryCount++;
    const description = `Message could not be consumed after ${options.maxDeliveryCount} delivery attempts.`;
    if (message.state !== messageState.deferred && message.deliveryCount >= options.maxDeliveryCount) {
      bury(message, { reason: "MaxDeliveryCountExceeded", description });
    } else {
      records.save(message);
      if (message.state === messageState.deferred) deferred.set(message.sequenceNumber, message);
      else insert(message);
    }
  }

  /** Moves a message to the dead letters, where it keeps its number and does not expire. */
  function bury(message: Message, why: DeadLettering): void {
    changeProperties(message, changesOf(why));
    message.state = messageState.active;
    message.expiresAt = undefined;
    if (deadLetters) records.remove(message.sequenceNumber);
    (deadLetters?.accept ?? accept)(message);
  }

  function accept(message: Message): void {
    records.save(message);
    insert(message);
  }

  function settle(message: Message, settlement: Settlement): void {
    switch (settlement.verb) {
      case "complete":
        records.remove(message.sequenceNumber);
        return;
      case "abandon":
        changeProperties(message, changesOf(settlement));
        putBack(message, true);
        return;
      case "defer":
        changeProperties(message, changesOf(settlement));
        message.state = messageState.deferred;
        records.save(message);
        deferred.set(message.sequenceNumber, message);
        return;
      case "deadLetter":
        bury(message, settlement);
    }
  }

  return {
    path,
    options,
    sessions,
    deadLetters,
    check,
    enqueue,
    enqueueCopy(message) {
      if (!options.requiresSession || message.sessionId !== undefined) return void enqueue(message);
      message.enqueuedAt = Date.now();
      message.sequenceNumber = numbers();
      // https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-dead-letter-queues#moving-messages-to-the-dlq
      const description = "Session enabled entity doesn't allow a message whose session identifier is null.";
      bury(message, { reason: "Session ID is null", description });
    },
    accept,
    pump: consumers.pump,
    addConsumer: consumers.add,
    removeConsumer: consumers.remove,
    settle(token, settlement) {
      const message = locks.end(token);
      if (!message) throw lockLostError();
      settle(message, settlement);
    },
    renew: locks.renew,
    expireLocks() {
      sessions.expireAll();
      locks.expireAll();
    },
    takeDeferred(wanted, locked) {
      const messages = wanted.map((number) => deferred.get(number) ?? throwMessageNotFound());
      return messages.map((message) => {
        deferred.delete(message.sequenceNumber);
        if (locked) records.lock(message);
        else records.remove(message.sequenceNumber);
        return { message, lock: locked ? locks.grant(message, undefined) : undefined };
      });
    },
    cancelScheduled(number) {
      schedule.cancel(number);
      records.remove(number);
    },
    peek(from, count, sessionId) {
      const all = [...available.values(), ...locks.messages(), ...deferred.values(), ...schedule.messages()];
      const wanted = all.filter(
        (message) => message.sequenceNumber >= from && (sessionId === undefined || message.sessionId === sessionId),
      );
      return wanted.sort((a, b) => a.sequenceNumber - b.sequenceNumber).slice(0, count);
    },
    close() {
      available.close();
      locks.close();
      schedule.close();
      sessions.close();
      deadLetters?.close();
    },
  };
}
