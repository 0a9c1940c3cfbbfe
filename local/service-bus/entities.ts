import type { QueueConfig, TopicConfig } from "./config.ts";
import { createCounter } from "./counter.ts";
import { createDuplicateDetection } from "./duplicate-detection.ts";
import { notImplementedError, ServiceBusError } from "./errors.ts";
import { type Filter, readFilteredProperties } from "./filtered-properties.ts";
import { createFilter } from "./filters.ts";
import { type Message, messageState } from "./message.ts";
import { createQueue, type Queue } from "./queue.ts";
import type { Records, Store } from "./records.ts";
import { createSchedule } from "./schedule.ts";

/** A queue or topic that messages are sent to. */
export interface Destination {
  /**
   * Throws the error that `enqueue` would throw. A batch is accepted as a whole or not at all, so
   * all of its messages are checked first.
   */
  check(message: Message): void;
  enqueue(message: Message): number;
  cancelScheduled(sequenceNumber: number): void;
  close(): void;
}

/** The entity that an address names. */
export type Entity =
  | { readonly kind: "queue"; readonly queue: Queue; readonly destination: Destination | undefined; readonly management: boolean }
  | { readonly kind: "topic"; readonly destination: Destination; readonly management: boolean };

/** Creates the queues, topics and subscriptions of a namespace. Their addresses have no case. */
export function createEntities({ queues, topics }: { queues: readonly QueueConfig[]; topics: readonly TopicConfig[] }, store: Store) {
  const byPath = new Map<
    string,
    { kind: "queue"; queue: Queue; destination: Destination | undefined } | { kind: "topic"; destination: Destination }
  >();
  const add = (path: string, entity: Parameters<typeof byPath.set>[1]) => byPath.set(path.toLowerCase(), entity);
  const addQueue = (path: string, queue: Queue, destination: Destination | undefined) => {
    add(path, { kind: "queue", queue, destination });
    if (queue.deadLetters) add(`${path}/$DeadLetterQueue`, { kind: "queue", queue: queue.deadLetters, destination: undefined });
  };
  for (const { name, options, duplicateWindowMs } of queues) {
    const queue = createQueue({ path: name, options, duplicateWindowMs, store });
    addQueue(name, queue, queue);
  }
  for (const topic of topics) {
    const subscriptions = topic.subscriptions.map(({ name, options, filters }) => ({
      filters: filters.map(createFilter),
      queue: createQueue({ path: `${topic.name}/Subscriptions/${name}`, options, store }),
    }));
    for (const { queue } of subscriptions) addQueue(queue.path, queue, undefined);
    add(topic.name, { kind: "topic", destination: createTopic(topic, subscriptions, store.recordsOf(topic.name)) });
  }
  return {
    /**
     * Returns the entity at an address: a queue, topic or subscription, its dead letters, or its
     * management node. Throws `amqp:not-found`.
     */
    find(address: string): Entity {
      const path = address.replace(/^(?:sb|amqps?):\/\/[^/]*\//i, "").replace(/^\//, "");
      if (/\/\$transfer\//i.test(path)) throw notImplementedError("transfer dead-letter queues");
      const management = /\/\$management$/i.test(path);
      const entity = byPath.get((management ? path.slice(0, -"/$management".length) : path).toLowerCase());
      // The client reads the code MessagingEntityNotFound from this text.
      if (!entity) throw new ServiceBusError("amqp:not-found", `The messaging entity '${address}' could not be found.`);
      return { ...entity, management };
    },
    /** Ends every lock of every queue and subscription now. */
    expireLocks() {
      for (const entity of byPath.values()) if (entity.kind === "queue") entity.queue.expireLocks();
    },
    close() {
      for (const entity of byPath.values()) (entity.kind === "queue" ? entity.queue : entity.destination).close();
    },
  };
}

function createTopic(
  topic: TopicConfig,
  subscriptions: readonly { filters: readonly Filter[]; queue: Queue }[],
  records: Records,
): Destination {
  const duplicates = createDuplicateDetection(topic.duplicateWindowMs, records);
  const numbers = createCounter(records);
  const schedule = createSchedule();

  const fanOut = (message: Message) => {
    const properties = readFilteredProperties(message);
    const timeToLiveMs = Math.min(message.timeToLiveMs ?? Number.POSITIVE_INFINITY, topic.timeToLiveMs);
    for (const { filters, queue } of subscriptions) {
      if (filters.length > 0 && !filters.some((takes) => takes(properties))) continue;
      queue.enqueueCopy({ ...message, timeToLiveMs, enqueuedSequenceNumber: message.sequenceNumber, scheduledAt: undefined });
    }
  };
  const wait = (message: Message, time: number) =>
    schedule.add(message, time, () => {
      records.remove(message.sequenceNumber);
      fanOut({ ...message, sequenceNumber: numbers() });
    });
  for (const { message } of records.messages()) wait(message, message.scheduledAt ?? 0);

  return {
    check() {},
    enqueue(message) {
      if (duplicates.isDuplicate(message.messageId)) return 0;
      message.sequenceNumber = numbers();
      const { scheduledAt } = message;
      if (scheduledAt === undefined || scheduledAt <= Date.now()) fanOut(message);
      else {
        message.enqueuedAt = Date.now();
        message.state = messageState.scheduled;
        records.save(message);
        wait(message, scheduledAt);
      }
      return message.sequenceNumber;
    },
    cancelScheduled(number) {
      schedule.cancel(number);
      records.remove(number);
    },
    close: schedule.close,
  };
}
