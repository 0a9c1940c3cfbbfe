import type { Finding } from "../contract/finding.ts";
import type { Policy } from "../policy.ts";

/**
 * The input of an orchestration instance: the message, its keys sealed, and the settings at its
 * arrival.
 */
export interface ProvisioningRequest {
  readonly instanceId: string;
  readonly requestId: string;
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly type: string | null;
  /**
   * The JSON text of the request's `data` without the ticket, every secret field sealed; nothing if
   * it has none. It is text because the Durable SDK changes the objects of an input: it calls their
   * method `hasOwnProperty`, which may be a field of the sender's, and makes dates of fields called
   * `Timestamp` (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/util/Utils.ts).
   */
  readonly data?: string;
  /**
   * The ticket's JSON text, so that its numbers survive digit for digit. Null if there is no
   * ticket.
   */
  readonly ticket: string | null;
  /** `<key id>.<hmac>` of the payload under every key of the ring. Equal ones mean a repetition. */
  readonly fingerprints: readonly string[];
  /** The queue of the message. */
  readonly queue: string;
  /**
   * When the broker first took the message, ISO 8601 in UTC, and the number it gave it: the
   * request's place among all for its gateway.
   */
  readonly receivedAt: string;
  readonly sequenceNumber: string;
  readonly replySessionId: string | null;
  /** Findings about the message itself. They are added to the completion. */
  readonly warnings?: readonly Finding[];
  readonly traceparent: string | null;
  readonly policy: Policy;
}

/** Returns the data of a request as its sender wrote it, with every secret field sealed. */
export function dataOf({ data }: Pick<ProvisioningRequest, "data">): unknown {
  return data === undefined ? undefined : JSON.parse(data);
}
