import { createHash } from "node:crypto";
import { gatewayId, type Target } from "../resource-id.ts";

/**
 * The orchestration instance of a request: `vpn-` and 40 hex digits of sha256(source, line feed, id). Hashed because the durable client does not
 * encode ids in its URLs, and bounded to what every storage backend accepts.
 */
export function instanceIdOf(source: string, id: string): string {
  return `vpn-${createHash("sha256").update(`${source}\n${id}`).digest("hex").slice(0, 40)}`;
}

/** The event id, and the instance id, of the answer to another payload under a known identity: one for each payload, by its fingerprint for ids. */
export function conflictEventIdOf(instanceId: string, [fingerprint = ""]: readonly string[]): string {
  return `${instanceId}.conflict.${fingerprint.slice(fingerprint.lastIndexOf(".") + 1)}`;
}

/**
 * The event id, and the instance id, of the answer to a message that cannot be read. The broker gives each message its own number, so no answer hides
 * another one, a redelivery has the same id, and the id says nothing of the content.
 */
export function unreadableEventIdOf(address: string, { messageId, sequenceNumber }: { messageId: string; sequenceNumber: string }): string {
  const number = createHash("sha256").update(`${address}\n${sequenceNumber}\n${messageId}`).digest("base64url");
  return `${instanceIdOf(address, messageId)}.unreadable.${number}`;
}

/** The instance that publishes a request's answer in the place of the request's own. */
export function answerInstanceIdOf(instanceId: string): string {
  return `${instanceId}.answer`;
}

/**
 * The instance that answers a request which could not be begun. It has an id of its own, because a
 * start under the request's id would be refused while the request's instance is on its way.
 */
export function undeliverableInstanceIdOf(instanceId: string): string {
  return `${instanceId}.undeliverable`;
}

/** The request's own instance, by the instance that answers for it or by itself. */
export function requestInstanceIdOf(instanceId: string): string {
  return instanceId.replace(/\.(answer|undeliverable)$/, "");
}
