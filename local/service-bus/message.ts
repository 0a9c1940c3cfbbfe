import { randomUUID } from "node:crypto";
import { codec, type DecodedMessage, described, long, type Typed, types } from "./rhea-adapter.ts";

/** Several messages in one transfer (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-protocol-guide). */
const BATCH_FORMAT = 0x80013700;
/** Written by the broker for every delivery, so never taken from a sender. */
const ownAnnotations = [
  "x-opt-enqueued-time",
  "x-opt-sequence-number",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-enqueue-sequence-number",
];

/** Values of x-opt-message-state. */
export const messageState = { active: 0, deferred: 1, scheduled: 2 } as const;

/** A message as the broker keeps it; times in milliseconds since the Unix epoch. */
export interface Message {
  readonly messageId: unknown;
  readonly sessionId: string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly scheduledAt: number | undefined;
  readonly decoded: DecodedMessage;
  readonly annotations: Readonly<Record<string, unknown>>;
  applicationProperties: Readonly<Record<string, unknown>>;
  sequenceNumber: number;
  enqueuedSequenceNumber: number | undefined;
  enqueuedAt: number;
  expiresAt: number | undefined;
  deliveryCount: number;
  state: number;
  /** Sections after the annotations, encoded: they change seldom. */
  tail: Buffer | undefined;
}

/** Takes a transfer apart into messages. */
export function messagesOf(transfer: unknown, format: number): Message[] {
  if (format !== BATCH_FORMAT) return [messageOf(Buffer.isBuffer(transfer) ? codec.decode(transfer) : (transfer as DecodedMessage))];
  const { body } = (Buffer.isBuffer(transfer) ? codec.decode(transfer) : transfer) as {
    body: { multiple?: boolean; content: Buffer | Buffer[] };
  };
  const parts = Array.isArray(body.content) ? body.content : [body.content];
  return parts.map((part) => messageOf(codec.decode(part)));
}

/** A message from its decoded form. One without a message id gets one: the client's lock renewer is keyed by it. */
export function messageOf(decoded: DecodedMessage): Message {
  const annotations = (decoded["message_annotations"] ?? {}) as Record<string, unknown>;
  const scheduled = annotations["x-opt-scheduled-enqueue-time"];
  const ttl = decoded["ttl"];
  const withId =
    decoded["message_id"] === undefined || decoded["message_id"] === null
      ? { ...decoded, message_id: randomUUID().replaceAll("-", "") }
      : decoded;
  return {
    messageId: withId["message_id"],
    sessionId: typeof decoded["group_id"] === "string" ? decoded["group_id"] : undefined,
    timeToLiveMs: typeof ttl === "number" ? ttl : undefined,
    scheduledAt: scheduled === undefined || scheduled === null ? undefined : Number(scheduled),
    decoded: withId,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => !ownAnnotations.includes(name))),
    applicationProperties: (decoded["application_properties"] ?? {}) as Record<string, unknown>,
    sequenceNumber: 0,
    enqueuedSequenceNumber: undefined,
    enqueuedAt: 0,
    expiresAt: undefined,
    deliveryCount: 0,
    state: messageState.active,
    tail: undefined,
  };
}

/** A message as it goes to a receiver, with the lock it was given. The body's bytes are those that came. */
export function encode(message: Message, lockedUntil?: number): Buffer {
  message.tail ??= encodeTail(message);
  const writer = new types.Writer();
  const { durable, priority } = message.decoded;
  const ttl = message.expiresAt === undefined ? undefined : message.expiresAt - message.enqueuedAt;
  writer.write(
    codec
      .header({ durable, priority, ttl: ttl === undefined || ttl > 0xffffffff ? undefined : ttl, delivery_count: message.deliveryCount })
      .described(),
  );
  writer.write(
    described(
      0x72,
      types.wrap_symbolic_map({
        ...message.annotations,
        ...(message.scheduledAt === undefined ? {} : { "x-opt-scheduled-enqueue-time": types.wrap_timestamp(message.scheduledAt) }),
        "x-opt-enqueued-time": types.wrap_timestamp(message.enqueuedAt),
        "x-opt-sequence-number": long(message.sequenceNumber),
        "x-opt-message-state": types.wrap_int(message.state),
        ...(message.enqueuedSequenceNumber === undefined ? {} : { "x-opt-enqueue-sequence-number": long(message.enqueuedSequenceNumber) }),
        ...(lockedUntil === undefined ? {} : { "x-opt-locked-until": types.wrap_timestamp(lockedUntil) }),
      }),
    ),
  );
  return Buffer.concat([writer.toBuffer(), message.tail]);
}

function encodeTail({ decoded, applicationProperties, expiresAt, enqueuedAt }: Message): Buffer {
  const writer = new types.Writer();
  const names = [
    "message_id",
    "user_id",
    "to",
    "subject",
    "reply_to",
    "correlation_id",
    "content_type",
    "content_encoding",
    "group_id",
    "group_sequence",
    "reply_to_group_id",
  ];
  const properties = Object.fromEntries(names.map((name) => [name, decoded[name]]));
  writer.write(
    codec
      .properties({
        ...properties,
        absolute_expiry_time: expiresAt,
        creation_time: expiresAt === undefined ? decoded["creation_time"] : enqueuedAt,
      })
      .described(),
  );
  if (Object.keys(applicationProperties).length > 0) writer.write(described(0x74, types.wrap_map(applicationProperties)));
  const sections: Typed[] = [];
  const body = decoded.body as { collect_sections?(into: Typed[]): void } | null | undefined;
  if (body && typeof body === "object" && body.collect_sections) body.collect_sections(sections);
  else sections.push(described(0x77, types.wrap(decoded.body)));
  for (const section of sections) writer.write(section);
  return Buffer.from(writer.toBuffer());
}
