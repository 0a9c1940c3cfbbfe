import type { Lock, Session } from "./locks.ts";
import type { Message } from "./message.ts";

/** Whoever takes messages from a queue. */
export interface Consumer {
  /** The session whose messages it takes; none on queues without sessions. */
  readonly session?: Session;
  readonly settlesFirst: boolean;
  /** How many more messages it will take now. */
  capacity(): number;
  /** Hands over a message; `lock` is absent in receive-and-delete mode. */
  hand(message: Message, lock: Lock | undefined): void;
}

/** Hands messages to consumers in turn, and to none more than it has room for: a lock that runs while a message waits for credit is a lock lost. */
export function createConsumers(
  nextFor: (consumer: Consumer) => Message | undefined,
  deliver: (consumer: Consumer, message: Message) => void,
) {
  const consumers: Consumer[] = [];
  let turn = 0;
  let pumping = false;

  /** Hands out what can be handed out, once all that happens in this tick has happened. */
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

  return {
    pump,
    add(consumer: Consumer) {
      consumers.push(consumer);
      pump();
    },
    remove(consumer: Consumer) {
      const index = consumers.indexOf(consumer);
      if (index >= 0) consumers.splice(index, 1);
    },
  };
}
