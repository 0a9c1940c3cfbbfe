import type { Settings } from "../settings.ts";
import { hasPrefix } from "./sources.ts";

/**
 * Returns what the settings leave open, in sentences for the operator: the app says them when it
 * starts.
 */
export function openDoorsOf({ REQUEST_QUEUES, ALLOWED_TARGETS }: Pick<Settings, "REQUEST_QUEUES" | "ALLOWED_TARGETS">): string[] {
  const open = [...REQUEST_QUEUES.keys()].filter((queue) => !hasPrefix(queue, REQUEST_QUEUES));
  const beside = REQUEST_QUEUES.size > 1 ? open : [];
  return [
    ...(ALLOWED_TARGETS === null
      ? ["ALLOWED_TARGETS is not set: every source may change every gateway that the app's identity may write."]
      : []),
    ...beside.map(
      (queue) => `The queue ${queue} has no source prefix in REQUEST_QUEUES: its senders may use every source that no other queue owns.`,
    ),
  ];
}
