import { isRefusedForGood } from "../../azure/broker-errors.ts";
import type { Outbox } from "../../azure/service-bus.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { minimalOf } from "../../shared/contract/minimal.ts";

/**
 * Publishes a completion, or, if the broker refuses this message for good, its minimal form, at last without a session. Returns whether the whole one was
 * sent. Throws if the broker takes none of them now.
 */
export async function publishOrShorten(outbox: Outbox, completion: Completion, messageId?: string): Promise<"whole" | "minimal"> {
  try {
    await outbox.publish(completion, messageId);
    return "whole";
  } catch (error) {
    if (!isRefusedForGood(error)) throw error;
  }
  const minimal = minimalOf(completion);
  try {
    await outbox.publish(minimal, messageId);
  } catch (error) {
    if (!isRefusedForGood(error) || minimal.replySessionId === null) throw error;
    await outbox.publish({ ...minimal, replySessionId: null }, messageId);
  }
  return "minimal";
}
