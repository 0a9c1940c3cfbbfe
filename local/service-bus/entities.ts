import type { QueueConfig, TopicConfig } from "./config.ts";
import { createDuplicateDetection } from "./duplicate-detection.ts";
import { ServiceBusError } from "./errors.ts";
import { type Filter, filteredProperties, filterOf } from "./filters.ts";
import type { Message } from "./message.ts";
import { counter, createQueue, type Queue } from "./queue.ts";
import { createSchedule } from "./schedule.ts";

/** Where messages can be sent. */
export interface Destination {
  enqueue(message: Message): number;
  cancelScheduled(sequenceNumber: number): void;
  close(): void;
}

/** What an address names. */
export type Entity =
  | { readonly kind: "queue"; readonly queue: Queue; readonly destination: Destination | undefined; readonly management: boolean }
  | { readonly kind: "topic"; readonly destination: Destination; readonly management: boolean };

/** The queues, topics and subscriptions of a namespace, by address without case. */
export function createEntities({ queues, topics }: { queues: readonly QueueConfig[]; topics: readonly TopicConfig[] }) {
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
    const queue = createQueue(name, options, duplicateWindowMs);
    addQueue(name, queue, queue);
  }
  for (const topic of topics) {
    const subscriptions = topic.subscriptions.map(({ name, options, filters }) => ({
      filters: filters.map(filterOf),
      queue: createQueue(`${topic.name}/Subscriptions/${name}`, options, undefined),
    }));
    for (const { queue } of subscriptions) addQueue(queue.path, queue, undefined);
    add(topic.name, { kind: "topic", destination: createTopic(topic, subscriptions) });
  }
  return {
    /** Finds what an address names: an entity, its dead letters, or its management node. Throws `amqp:not-found`. */
    find(address: string): Entity {
      const path = address.replace(/^(?:sb|amqps?):\/\/[^/]*\//i, "").replace(/^\//, "");
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

function createTopic(topic: TopicConfig, subscriptions: readonly { filters: readonly Filter[]; queue: Queue }[]): Destination {
  const duplicates = createDuplicateDetection(topic.duplicateWindowMs);
  const numbers = counter();
  const schedule = createSchedule();
  const fanOut = (message: Message) => {
    const properties = filteredProperties(message);
    for (const { filters, queue } of subscriptions) {
      if (filters.length > 0 && !filters.some((takes) => takes(properties))) continue;
      queue.enqueue({ ...message, enqueuedSequenceNumber: message.sequenceNumber, scheduledAt: undefined });
    }
  };
  return {
    enqueue(message) {
      if (duplicates.isDuplicate(message.messageId)) return 0;
      message.sequenceNumber = numbers();
      const { scheduledAt } = message;
      if (scheduledAt === undefined || scheduledAt <= Date.now()) fanOut(message);
      else schedule.add(message, scheduledAt, () => fanOut({ ...message, sequenceNumber: numbers() }));
      return message.sequenceNumber;
    },
    cancelScheduled: schedule.cancel,
    close: schedule.close,
  };
}
