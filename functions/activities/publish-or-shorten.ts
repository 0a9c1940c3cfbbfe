import { isRefusedForGood } from "../../azure/broker-errors.ts";
import type { Outbox } from "../../azure/service-bus.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { minimalOf } from "../../shared/contract/minimal.ts";

/**
 * Publishes a completion. If the broker refuses this message permanently, publishes the minimal
 * form instead, and if that is refused too, the minimal form without a reply session. Returns
 * which form was sent. Throws if the broker is not available.
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
