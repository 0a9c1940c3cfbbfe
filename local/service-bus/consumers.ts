import type { Lock, Session } from "./locks.ts";
import type { Message } from "./message.ts";

/** A receiver of the messages of a queue. */
export interface Consumer {
  /** The session whose messages it gets. Absent on queues without sessions. */
  readonly session?: Session;
  readonly settlesFirst: boolean;
  /** Returns how many more messages it has room for now. */
  capacity(): number;
  /** Hands over a message; `lock` is absent in receive-and-delete mode. */
  hand(message: Message, lock: Lock | undefined): void;
}

/**
 * Hands messages to the consumers in turn, never more than they have room for. The lock of a
 * message that waits for credit would run out before its client sees the message.
 */
export function createConsumers(
  nextFor: (consumer: Consumer) => Message | undefined,
  deliver: (consumer: Consumer, message: Message) => void,
) {
  const consumers: Consumer[] = [];
  let turn = 0;
  let pumping = false;

  /** Hands out as many messages as possible, at the end of this tick. */
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
