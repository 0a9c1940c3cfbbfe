import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { peekMessages } from "./peek-messages.ts";

/** How many letters are handled at the same time. */
const BATCH = 8;
/** How many letters may fail in one round. Each of them stays in memory until the round ends. */
const MOST_FAILED = 500;
const WAIT_MS = 1_000;
/** How long the client renews the locks of letters. It is longer than a round. */
const RENEW_LOCKS_MS = 5 * 60_000;

/** The dead-letter queues of the request queues. */
export interface DeadLetters {
  /**
   * Calls `take` once for each letter of a queue, until there is none or `mayGoOn` returns false.
   * If `take` returns, the letter is removed. If it throws, the letter is abandoned at the end of
   * the round, so that the broker does not deliver it again before the others.
   */
  each(queue: string, take: (letter: ServiceBusReceivedMessage) => Promise<void>, mayGoOn: () => boolean): Promise<void>;
}

/** Creates the reader of dead-letter queues. It reads bodies of any kind. */
export function createDeadLetters(client: () => Promise<ServiceBusClient>): DeadLetters {
  return {
    async each(queue, take, mayGoOn) {
      const receiver = (await client()).createReceiver(queue, {
        subQueueType: "deadLetter",
        // The client would parse JSON bodies, which changes large numbers.
        skipParsingBodyAsJson: true,
        maxAutoLockRenewalDurationInMs: RENEW_LOCKS_MS,
      });
      const failed: ServiceBusReceivedMessage[] = [];
      try {
        // A peek returns at once. Receiving from an empty queue takes a second.
        if ((await peekMessages(receiver, 1, 0n)).length === 0) return;
        while (mayGoOn() && failed.length < MOST_FAILED) {
          const letters = await receiver.receiveMessages(BATCH, { maxWaitTimeInMs: WAIT_MS });
          if (letters.length === 0) return;
          await Promise.all(letters.map(async (letter) => (await completeAfter(take, letter, receiver)) || failed.push(letter)));
        }
      } finally {
        // If a letter cannot be abandoned, it comes back when its lock expires.
        for (const letter of failed) await receiver.abandonMessage(letter).catch(() => {});
        await receiver.close();
      }
    },
  };
}

/** Returns true if `take` has returned and the letter was removed from its queue. */
async function completeAfter(
  take: (letter: ServiceBusReceivedMessage) => Promise<void>,
  letter: ServiceBusReceivedMessage,
  receiver: ServiceBusReceiver,
): Promise<boolean> {
  try {
    await take(letter);
    await receiver.completeMessage(letter);
    return true;
  } catch {
    return false;
  }
}
