import type { InvocationContext } from "@azure/functions";
import type { RequestMessage } from "../shared/contract/message.ts";
import { replySessionFindings, replySessionLost, usableSession } from "../shared/contract/reply-session.ts";
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
  const replySessionId = typeof session === "string" && session !== "" ? session : null;
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
    replySessionId: usableSession(replySessionId),
    warnings: typeof session === "string" ? replySessionFindings(replySessionId) : [replySessionLost],
    // Any sender may set it; a negative one would go round for ever.
    resubmissions: Math.max(Math.trunc(Number(properties[resubmissionsProperty])) || 0, 0),
  };
}

function dateText(value: unknown): string | null {
  // The extension's text for `enqueuedTimeUtc` has no zone: it is UTC, whatever the zone of this machine.
  const time = value instanceof Date ? value.getTime() : Date.parse(String(value).replace(/T[\d:.]+$/, "$&Z"));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
