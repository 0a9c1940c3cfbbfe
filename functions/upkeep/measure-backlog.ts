import type { InvocationContext, Timer } from "@azure/functions";
import type { Backlog } from "../../azure/backlog.ts";
import type { RequestQueues } from "../../shared/access/request-queues.ts";
import { logStepOf } from "../durable/log-step.ts";

/**
 * Returns the timer function that logs how long the oldest message of each request queue has
 * waited, and the oldest of its dead letters. Service Bus itself counts messages, but has no
 * metric of their age.
 */
export function measureBacklog({
  backlog,
  queues,
  now,
}: {
  readonly backlog: Backlog;
  readonly queues: RequestQueues;
  readonly now: () => Date;
}) {
  return async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const log = logStepOf(context);
    const measure = async (queue: string, deadLetter: boolean) => {
      try {
        const oldest = await backlog.readOldest(queue, deadLetter);
        // The broker's clock may be ahead of the app's.
        const oldestSeconds = oldest === null ? 0 : Math.max(0, Math.round((now().getTime() - oldest.getTime()) / 1000));
        log("backlog", { queue, deadLetter, oldestSeconds });
      } catch (error) {
        // The next run looks again.
        log("backlogUnread", { queue, deadLetter, error: error instanceof Error ? error.name : "unknown" });
      }
    };
    await Promise.all([...queues.keys()].flatMap((queue) => [measure(queue, false), measure(queue, true)]));
  };
}
