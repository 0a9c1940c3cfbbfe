import { randomUUID } from "node:crypto";
import { codec, type DecodedMessage } from "./amqp-values.ts";
import {
  dataOf,
  decodeError,
  encodeApplicationProperties,
  encodePropertiesWithId,
  entriesOf,
  isEmpty,
  sectionCode,
  sectionsOf,
} from "./message-sections.ts";

/**
 * Several messages in one transfer
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-protocol-guide).
 */
const BATCH_FORMAT = 0x80013700;
const SCHEDULED = "x-opt-scheduled-enqueue-time";
/** Annotations that the broker writes for every delivery. It ignores those of a sender. */
const ownAnnotations = [
  SCHEDULED,
  "x-opt-enqueued-time",
  "x-opt-sequence-number",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-enqueue-sequence-number",
];

/** The values of x-opt-message-state. */
export const messageState = { active: 0, deferred: 1, scheduled: 2 } as const;

/** A message in the broker. Times are in milliseconds since the Unix epoch. */
export interface Message {
  readonly messageId: unknown;
  readonly sessionId: string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly scheduledAt: number | undefined;
  readonly durable: boolean | undefined;
  readonly priority: number | undefined;
  /** The sender's own annotations, as encoded entries of a map. */
  readonly annotations: readonly Buffer[];
  /** Properties, application properties and body, as the bytes that the sender sent. */
  content: Buffer;
  sequenceNumber: number;
  enqueuedSequenceNumber: number | undefined;
  enqueuedAt: number;
  expiresAt: number | undefined;
  deliveryCount: number;
  state: number;
}

/** Splits a transfer into messages. */
export function messagesOf(transfer: Buffer, format: number): Message[] {
  if (format !== BATCH_FORMAT) return [messageOf(transfer)];
  return dataOf(transfer).map(messageOf);
}

/**
 * Reads a message from its bytes. If it has no message id, it gets one, because the client's lock
 * renewer uses the id as its map key.
 */
export function messageOf(bytes: Buffer): Message {
  const sections = sectionsOf(bytes);
  const annotations = sections[sectionCode.messageAnnotations];
  const applicationStart = sections[sectionCode.applicationProperties]?.start ?? sections.bodyStart;
  const head = [sections[sectionCode.header], annotations, sections[sectionCode.properties]];
  const decoded: DecodedMessage = head.some((section) => section && !isEmpty(bytes, section))
    ? decode(bytes.subarray(0, applicationStart))
    : {};
  const scheduled = (decoded["message_annotations"] as Record<string, unknown> | undefined)?.[SCHEDULED];
  const { message_id: given, group_id: sessionId, ttl, durable, priority } = decoded;
  const properties = sections[sectionCode.properties];
  const messageId: unknown = given ?? randomUUID().replaceAll("-", "");
  return {
    messageId,
    sessionId: typeof sessionId === "string" ? sessionId : undefined,
    timeToLiveMs: typeof ttl === "number" ? ttl : undefined,
    scheduledAt: scheduled === undefined || scheduled === null ? undefined : Number(scheduled),
    durable: typeof durable === "boolean" ? durable : undefined,
    priority: typeof priority === "number" ? priority : undefined,
    annotations: annotations
      ? entriesOf(bytes, annotations.value).flatMap((entry) => (ownAnnotations.includes(entry.name) ? [] : [Buffer.from(entry.bytes)]))
      : [],
    content:
      given !== undefined && given !== null
        ? Buffer.from(bytes.subarray(properties?.start ?? applicationStart))
        : Buffer.concat([encodePropertiesWithId(bytes, properties?.value, String(messageId)), bytes.subarray(applicationStart)]),
    sequenceNumber: 0,
    enqueuedSequenceNumber: undefined,
    enqueuedAt: 0,
    expiresAt: undefined,
    deliveryCount: 0,
    state: messageState.active,
  };
}

/** Changes or adds application properties. */
export function changeProperties(message: Message, changes: Readonly<Record<string, unknown>>): void {
  if (Object.keys(changes).length === 0) return;
  const { content } = message;
  const sections = sectionsOf(content);
  const old = sections[sectionCode.applicationProperties];
  message.content = Buffer.concat([
    content.subarray(0, old?.start ?? sections.bodyStart),
    encodeApplicationProperties(content, old?.value, changes),
    content.subarray(sections.bodyStart),
  ]);
}

/**
 * Returns the properties that filters read: the standard properties by their AMQP names, and
 * `application_properties`.
 */
export function propertiesOf({ content }: Message): DecodedMessage {
  return decode(content.subarray(0, sectionsOf(content).bodyStart));
}

function decode(bytes: Buffer): DecodedMessage {
  try {
    return codec.decode(bytes);
  } catch {
    throw decodeError();
  }
}
