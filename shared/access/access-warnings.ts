import type { Settings } from "../settings.ts";
import { hasPrefix } from "./sources.ts";

/**
 * Returns a sentence for each setting that allows more than most operators want. The app logs them
 * when it starts.
 */
export function accessWarningsOf({ REQUEST_QUEUES, ALLOWED_TARGETS }: Pick<Settings, "REQUEST_QUEUES" | "ALLOWED_TARGETS">): string[] {
  const unlimited = [...REQUEST_QUEUES.keys()].filter((queue) => !hasPrefix(queue, REQUEST_QUEUES));
  // A single queue without a prefix is the default, so there is no warning about it.
  const queues = REQUEST_QUEUES.size > 1 ? unlimited : [];
  return [
    ...(ALLOWED_TARGETS === null
      ? ["ALLOWED_TARGETS is not set: every source may change every gateway that the app's identity may write."]
      : []),
    ...queues.map(
      (queue) => `The queue ${queue} has no source prefix in REQUEST_QUEUES: its senders may use every source that no other queue owns.`,
    ),
  ];
}
