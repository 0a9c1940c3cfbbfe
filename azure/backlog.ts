import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import { peekMessages } from "./peek-messages.ts";

/** How many messages are looked at together. */
const BATCH = 100;
/** The most messages that are looked at. They may all be scheduled for later. */
const MOST_MESSAGES = 1_000;

/** Reads how long messages wait. It takes no message. */
export interface Backlog {
  /**
   * Returns when the oldest message of a queue, or of its dead letters, came to the queue. Messages
   * that are scheduled for later do not wait. Returns null if no message waits.
   */
  readOldest(queue: string, deadLetter: boolean): Promise<Date | null>;
}

/** Creates the reader of backlogs. */
export function createBacklog(client: () => Promise<ServiceBusClient>): Backlog {
  return {
    async readOldest(queue, deadLetter) {
      const options = { skipParsingBodyAsJson: true, ...(deadLetter ? { subQueueType: "deadLetter" as const } : {}) };
      const receiver = (await client()).createReceiver(queue, options);
      try {
        let from = 0n;
        for (let seen = 0; seen < MOST_MESSAGES; seen += BATCH) {
          const messages = await peekMessages(receiver, BATCH, from);
          const oldest = oldestOf(messages);
          if (oldest !== null || messages.length === 0) return oldest;
          from = BigInt(String(messages.at(-1)?.sequenceNumber)) + 1n;
        }
        return null;
      } finally {
        await receiver.close();
      }
    },
  };
}

function oldestOf(messages: readonly ServiceBusReceivedMessage[]): Date | null {
  const times = messages.flatMap(({ state, enqueuedTimeUtc }) =>
    state !== "scheduled" && enqueuedTimeUtc ? [enqueuedTimeUtc.getTime()] : [],
  );
  return times.length === 0 ? null : new Date(Math.min(...times));
}
