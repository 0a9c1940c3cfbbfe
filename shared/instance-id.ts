import { createHash } from "node:crypto";
import { gatewayId, type Target } from "./resource-id.ts";

/**
 * The orchestration instance of a request: `vpn-` and 40 hex digits of sha256(source, line feed, id). Hashed because the durable client does not
 * encode ids in its URLs, and bounded to what every storage backend accepts.
 */
export function instanceIdOf(source: string, id: string): string {
  return `vpn-${createHash("sha256").update(`${source}\n${id}`).digest("hex").slice(0, 40)}`;
}

/** The event id, and the instance id, of the answer to another payload under a known identity: one for each payload. */
export function conflictEventIdOf(instanceId: string, [fingerprint = ""]: readonly string[]): string {
  return `${instanceId}.conflict.${fingerprint.split(".")[1]}`;
}

/** The event id, and the instance id, of the answer to a message that cannot be read: one for each content, so that it never hides another answer. */
export function unreadableEventIdOf(instanceId: string, [fingerprint = ""]: readonly string[]): string {
  return `${instanceId}.unreadable.${fingerprint.split(".")[1]}`;
}

/** The instance that publishes a request's answer in the place of the request's own. */
export function answerInstanceIdOf(instanceId: string): string {
  return `${instanceId}.answer`;
}

/** The request's own instance, by the instance that answers for it or by itself. */
export function requestInstanceIdOf(instanceId: string): string {
  return instanceId.replace(/\.answer$/, "");
}

/** The key of a gateway's lease: ids are compared without case, and an entity's key must stand in a URL. */
export function gatewayKeyOf(target: Target): string {
  return createHash("sha256").update(gatewayId(target).toLowerCase()).digest("hex").slice(0, 40);
}
