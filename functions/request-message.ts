import type { InvocationContext } from "@azure/functions";
import type { RequestMessage } from "../shared/contract/message.ts";
import type { Finding } from "../shared/finding.ts";

/** A message of the request queue with what the broker knows of it. */
export interface ReceivedMessage extends RequestMessage {
  readonly sequenceNumber: string;
  /** When the broker took it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  readonly deliveryCount: number;
  readonly replySessionId: string | null;
  /** What its sender is told beside the answer. */
  readonly warnings: readonly Finding[];
  /** How often it was sent to the queue again after it had become a dead letter. */
  readonly resubmissions: number;
}

/** The application property that counts resubmissions. */
export const resubmissionsProperty = "resubmissions";

/**
 * Service Bus has no longer session ids
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-quotas).
 */
const LONGEST_SESSION_ID = 128;

/**
 * Takes a message from the trigger's body and metadata. The worker parses every text of the
 * metadata that is JSON: the ids `1000` and `1e3` arrive as one number, `null` as nothing. An id
 * counts only if it arrives as text. Text in quotes arrives without them, and nobody can tell.
 */
export function receivedMessage(
  body: unknown,
  context: InvocationContext,
  { queue, now }: { readonly queue: string; readonly now: () => Date },
): ReceivedMessage {
  const metadata = context.triggerMetadata ?? {};
  const text = (name: string) => (metadata[name] === undefined || metadata[name] === null ? null : String(metadata[name]));
  const given = metadata["applicationProperties"];
  const properties: Record<string, unknown> = typeof given === "object" && given !== null ? { ...given } : {};
  const session = metadata["replyToSessionId"] ?? "";
  const isSessionKnown = typeof session === "string" && session.length <= LONGEST_SESSION_ID;
  return {
    // The trigger is registered with dataType binary; a host that ignores it hands over text.
    body: body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    messageId: text("messageId") ?? "",
    messageIdIsExact: typeof metadata["messageId"] === "string" && metadata["messageId"] !== "",
    contentType: text("contentType") ?? undefined,
    applicationProperties: properties,
    queue,
    sequenceNumber: text("sequenceNumber") ?? "0",
    receivedAt: dateText(metadata["enqueuedTime"] ?? metadata["enqueuedTimeUtc"]) ?? now().toISOString(),
    deliveryCount: Number(metadata["deliveryCount"] ?? 1),
    replySessionId: isSessionKnown && session !== "" ? session : null,
    warnings: isSessionKnown ? [] : [replySessionUnknown],
    // Any sender may set it; a negative one would go round for ever.
    resubmissions: Math.max(Math.trunc(Number(properties[resubmissionsProperty])) || 0, 0),
  };
}

/** The answer must not go to a session that the sender did not mean. */
const replySessionUnknown: Finding = {
  code: "ReplySessionUnknown",
  severity: "warning",
  target: "/@replyToSessionId",
  message: `The reply session must be text of up to ${LONGEST_SESSION_ID} characters that is no number and no other JSON. Found something else, so the answer goes to the topic without a session.`,
  actor: "requester",
};

function dateText(value: unknown): string | null {
  // The extension's text for `enqueuedTimeUtc` has no zone: it is UTC, whatever the zone of this machine.
  const time = value instanceof Date ? value.getTime() : Date.parse(String(value).replace(/T[\d:.]+$/, "$&Z"));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
