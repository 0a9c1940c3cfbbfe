import type { Finding } from "../contract/finding.ts";
import type { Policy } from "../policy.ts";

/**
 * The input of an orchestration instance: the message with its secrets sealed, and the policy at
 * the time when the message arrived.
 */
export interface ProvisioningRequest {
  readonly instanceId: string;
  readonly requestId: string;
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly type: string | null;
  /**
   * The JSON text of the request's `data` without the ticket, with every secret sealed. Not set if
   * the request has no data. It is text because the Durable SDK does not keep objects as they are:
   * it calls their `hasOwnProperty`, which may be a field of the sender, and it turns fields named
   * `Timestamp` into dates
   * (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/util/Utils.ts).
   */
  readonly data?: string;
  /** The JSON text of the ticket, or null. It is text so that numbers keep all their digits. */
  readonly ticket: string | null;
  /**
   * One `<key id>.<hmac>` of the payload for each sealing key. They show whether a second message
   * with the same id has the same payload.
   */
  readonly fingerprints: readonly string[];
  /** The queue from which the message was received. */
  readonly queue: string;
  /**
   * When the broker first accepted the message (ISO 8601, UTC), and the number it gave to it.
   * Both decide the order in which requests get their gateway.
   */
  readonly receivedAt: string;
  readonly sequenceNumber: string;
  readonly replySessionId: string | null;
  /** How often the app has sent the message to its queue again. Not set if never. */
  readonly resubmissions?: number;
  /** Warnings about the message itself. The completion repeats them. */
  readonly warnings?: readonly Finding[];
  readonly traceparent: string | null;
  readonly policy: Policy;
}

/** Returns the data of a request as its sender wrote it, with every secret sealed. */
export function dataOf({ data }: Pick<ProvisioningRequest, "data">): unknown {
  return data === undefined ? undefined : JSON.parse(data);
}
