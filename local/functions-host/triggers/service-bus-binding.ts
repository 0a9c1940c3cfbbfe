import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { Binding } from "../app/functions-core.ts";
import type { TypedData } from "../app/typed-data.ts";

// Converts messages as the .NET extension does
// (https://github.com/Azure/azure-sdk-for-net/tree/main/sdk/servicebus/Microsoft.Azure.WebJobs.Extensions.ServiceBus).

/**
 * Returns the body for the binding: bytes, or text. Throws for AMQP value and sequence bodies,
 * because the extension reads only a text value, and only for a binding to text. Such a message
 * never reaches its function. It is delivered again until it becomes a dead letter.
 */
export function bodyOf({ body, _rawAmqpMessage: { bodyType } }: ServiceBusReceivedMessage, { name, dataType }: Binding): TypedData {
  const binary = dataType === "binary";
  // A message without any body has the type `value` too.
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  if (bodyType === "data" || body === undefined) return binary ? { bytes } : { string: bytes.toString("utf8") };
  if (!binary && bodyType === "value" && typeof body === "string") return { string: body };
  throw new Error(
    `Exception binding parameter '${name}' ---> System.NotSupportedException: ${bodyType === "sequence" ? "Sequence" : "Value"} cannot be retrieved using the Body property.` +
      "Use GetRawAmqpMessage to access the underlying Amqp Message object. For more information on how to avoid this error,see https://aka.ms/azsdk/net/servicebus/messagebody.",
  );
}

/**
 * Returns the trigger metadata of a message, as the extension gives it to a function.
 * `DeliveryCount` begins with 1. Missing values are left out.
 */
export function metadataOf(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const enqueued = dateTextOf(message.enqueuedTimeUtc);
  const expires = dateTextOf(message.expiresAtUtc);
  const properties = message.applicationProperties ?? {};
  const texts = {
    MessageId: message.messageId,
    ContentType: message.contentType,
    CorrelationId: message.correlationId,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    SessionId: message.sessionId,
    Subject: message.subject,
    Label: message.subject,
    To: message.to,
    PartitionKey: message.partitionKey,
    LockToken: message.lockToken,
    DeadLetterSource: message.deadLetterSource,
  };
  const values = {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    // In JSON, a DateTime of unspecified kind has no zone, but a DateTimeOffset has one.
    EnqueuedTimeUtc: enqueued,
    EnqueuedTime: enqueued && `${enqueued}+00:00`,
    ExpiresAtUtc: expires,
    ExpiresAt: expires && `${expires}+00:00`,
    ApplicationProperties: properties,
    UserProperties: properties,
  };
  const present = <T>(entries: Record<string, T>) => Object.entries(entries).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries([
    ...present(texts).map(([key, value]) => [key, { string: String(value) }]),
    ...present(values).map(([key, value]) => [key, { json: JSON.stringify(value) }]),
  ]) as Record<string, TypedData>;
}

/**
 * Returns a date as .NET writes it: in UTC, without a zone and without zeros at the end. Returns
 * nothing if it is no date.
 */
function dateTextOf(time: Date | undefined): string | undefined {
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace(/\.?0*Z$/, "");
}
