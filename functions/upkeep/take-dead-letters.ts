import type { InvocationContext, Timer } from "@azure/functions";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { DeadLetters } from "../../azure/dead-letters.ts";
import { logStepOf } from "../durable/log-step.ts";
import { retryNotYet } from "../durable/retry.ts";
import { type IntakeDependencies, openIntake } from "../intake/intake.ts";
import { takeMessage } from "../intake/take-message.ts";
import { deadLetterOf } from "./dead-letter-message.ts";
import { retryDeadLetter } from "./retry-dead-letter.ts";

/**
 * After this time no further letter is handled. The function's time-out is five minutes
 * (host.json).
 */
const LONGEST_ROUND_MS = 2 * 60_000;
/** How long handling a letter may wait until the letter's instance has opened its claim. */
const LONGEST_WAIT_MS = 20_000;

/**
 * Returns the timer function that handles the dead letters of every request queue. If a letter
 * fails, it stays in its queue, and the next round handles it, a minute later.
 */
export function takeDeadLetters(dependencies: IntakeDependencies & { readonly deadLetters: DeadLetters }) {
  const { deadLetters, queues, now } = dependencies;
  return async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const log = logStepOf(context);
    const endAt = now().getTime() + LONGEST_ROUND_MS;

    const takeLetter = async (letter: ServiceBusReceivedMessage, queue: string) => {
      try {
        const message = deadLetterOf(letter, queue, now);
        const intake = openIntake(dependencies, context);
        await retryNotYet(() => takeMessage(message, retryDeadLetter, intake), dependencies, now().getTime() + LONGEST_WAIT_MS);
      } catch (error) {
        log("deadLetterLeft", { queue, sequenceNumber: String(letter.sequenceNumber), error: nameOf(error) });
        throw error;
      }
    };
    await Promise.all(
      [...queues.keys()].map((queue) =>
        deadLetters
          .each(
            queue,
            (letter) => takeLetter(letter, queue),
            () => now().getTime() < endAt,
          )
          .catch((error: unknown) => log("deadLettersUnread", { queue, error: nameOf(error) })),
      ),
    );
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
