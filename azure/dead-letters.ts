import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

/** So many letters are in hand at a time. */
const BATCH = 8;
/** So many letters may stay behind in one round; each keeps its body in memory. */
const MOST_LEFT = 500;
const WAIT_MS = 1_000;
/** Longer than a round. */
const RENEW_LOCKS_MS = 5 * 60_000;

/** The dead-letter queues of the request queues. */
export interface DeadLetters {
  /**
   * Hands over each letter of a queue once, until there is none or `mayGoOn` says no. A letter for
   * which `take` returns is removed. One for which it throws is given back at the end, so that it
   * does not keep the others from being taken.
   */
  each(queue: string, take: (letter: ServiceBusReceivedMessage) => Promise<void>, mayGoOn: () => boolean): Promise<void>;
}

/** Creates the reader of dead-letter queues. It takes a body of any kind. */
export function createDeadLetters(client: () => Promise<ServiceBusClient>): DeadLetters {
  return {
    async each(queue, take, mayGoOn) {
      const receiver = (await client()).createReceiver(queue, {
        subQueueType: "deadLetter",
        // The client would parse JSON bodies, and lose what parsing loses.
        skipParsingBodyAsJson: true,
        maxAutoLockRenewalDurationInMs: RENEW_LOCKS_MS,
      });
      const left: ServiceBusReceivedMessage[] = [];
      try {
        // Looking costs nothing; waiting for a letter that does not come takes a second.
        if ((await receiver.peekMessages(1)).length === 0) return;
        while (mayGoOn() && left.length < MOST_LEFT) {
          const letters = await receiver.receiveMessages(BATCH, { maxWaitTimeInMs: WAIT_MS });
          if (letters.length === 0) return;
          await Promise.all(letters.map(async (letter) => (await isTaken(letter, take, receiver)) || left.push(letter)));
        }
      } finally {
        // What cannot be given back comes again when its lock ends.
        for (const letter of left) await receiver.abandonMessage(letter).catch(() => {});
        await receiver.close();
      }
    },
  };
}

async function isTaken(
  letter: ServiceBusReceivedMessage,
  take: (letter: ServiceBusReceivedMessage) => Promise<void>,
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
