import { createHash } from "node:crypto";

/**
 * Returns the instance id of a request: `vpn-` and 40 hex digits of sha256(source, line feed, id).
 * It is a hash because the durable client does not encode ids in its URLs, and because every
 * storage backend must accept its length.
 */
export function instanceIdOf(source: string, id: string): string {
  return `vpn-${createHash("sha256").update(`${source}\n${id}`).digest("hex").slice(0, 40)}`;
}

/** Returns the event id of a request's completion. */
export function completionEventIdOf(instanceId: string): string {
  return `${instanceId}.completed`;
}

/** Returns the instance id that is a part of a completion's event id. */
export function instanceIdInEventId(eventId: string): string {
  return eventId.replace(/\.completed$/, "");
}

/**
 * Returns the event id of a `RequestIdConflict` completion, which is also the id of the instance
 * that publishes it. Each payload has another one, because it contains the payload's fingerprint.
 * The order of the sealing keys makes no difference.
 */
export function conflictEventIdOf(instanceId: string, fingerprints: readonly string[]): string {
  const [fingerprint = ""] = fingerprints.toSorted();
  return `${instanceId}.conflict.${fingerprint.slice(fingerprint.lastIndexOf(".") + 1)}`;
}

/**
 * Returns the event id of the completion for an unreadable message, which is also the id of the
 * instance that publishes it. It is a hash of the number that the broker gave to the message. So
 * each message has another id, a redelivery has the same one, and it reveals no content.
 */
export function unreadableEventIdOf(address: string, { messageId, sequenceNumber }: { messageId: string; sequenceNumber: string }): string {
  const number = createHash("sha256").update(`${address}\n${sequenceNumber}\n${messageId}`).digest("base64url");
  return `${instanceIdOf(address, messageId)}.unreadable.${number}`;
}

/** Returns the id of the instance that publishes a completion for the request's own instance. */
export function answerInstanceIdOf(instanceId: string): string {
  return `${instanceId}.answer`;
}

/**
 * Returns the id of the instance that publishes the completion of a request that could not start.
 * It differs from the request's own id, because that one may be in use by a pending start.
 */
export function undeliverableInstanceIdOf(instanceId: string): string {
  return `${instanceId}.undeliverable`;
}

/**
 * Returns the id of the request's own instance from its own id or that of a publishing instance.
 */
export function requestInstanceIdOf(instanceId: string): string {
  return instanceId.replace(/\.(answer|undeliverable)$/, "");
}
