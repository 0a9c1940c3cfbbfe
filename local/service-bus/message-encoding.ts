import { type Message, messageState } from "./message.ts";
import { sectionCode } from "./message-sections.ts";

/*
 * Written by hand because it runs for every message, and one encoder for all types takes several
 * times as long. Type codes:
 * https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html#section-encodings
 */
const typecode = { null: 0x40, true: 0x41, false: 0x42, ubyte: 0x50, uint: 0x70, int: 0x71, long: 0x81, timestamp: 0x83 } as const;
const annotationNames = {
  scheduledAt: encodeSymbol("x-opt-scheduled-enqueue-time"),
  enqueuedAt: encodeSymbol("x-opt-enqueued-time"),
  sequenceNumber: encodeSymbol("x-opt-sequence-number"),
  state: encodeSymbol("x-opt-message-state"),
  enqueuedSequenceNumber: encodeSymbol("x-opt-enqueue-sequence-number"),
  lockedUntil: encodeSymbol("x-opt-locked-until"),
} as const;
const HEADER_BYTES = 5 + 1 + 2 + 5 + 1 + 5;
const ANNOTATIONS_HEAD_BYTES = 12;
/** More than all names and values that the broker adds. */
const OWN_ANNOTATIONS_BYTES = 256;
const MOST_TTL_MS = 0xffffffff;

/**
 * Returns the bytes of a message for a receiver: the broker's header and annotations, then the
 * content as its sender sent it. `lockedUntil` and `enqueuedAt` become annotations.
 */
export function encodeMessage(message: Message, lockedUntil?: number, enqueuedAt = message.enqueuedAt): Buffer {
  const given = message.annotations.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + ANNOTATIONS_HEAD_BYTES + given + OWN_ANNOTATIONS_BYTES + message.content.length);
  let at = writeHeader(bytes, message);
  at = writeAnnotations(bytes, at, message, lockedUntil, enqueuedAt);
  at += message.content.copy(bytes, at);
  return bytes.subarray(0, at);
}

function writeHeader(bytes: Buffer, { durable, priority, state, timeToLiveMs, expiresAt, enqueuedAt, deliveryCount }: Message): number {
  let at = bytes.writeUInt32BE(0x0053_00c0 | (sectionCode.header << 8)) + 1;
  bytes[at++] = 5;
  bytes[at++] = durable === undefined ? typecode.null : durable ? typecode.true : typecode.false;
  if (priority === undefined) bytes[at++] = typecode.null;
  else {
    bytes[at++] = typecode.ubyte;
    bytes[at++] = priority;
  }
  const ttl = state === messageState.scheduled ? timeToLiveMs : expiresAt === undefined ? undefined : expiresAt - enqueuedAt;
  if (ttl === undefined || ttl > MOST_TTL_MS) bytes[at++] = typecode.null;
  else {
    bytes[at++] = typecode.uint;
    at = bytes.writeUInt32BE(ttl, at);
  }
  bytes[at++] = typecode.null;
  bytes[at++] = typecode.uint;
  at = bytes.writeUInt32BE(deliveryCount, at);
  bytes[4] = at - 5;
  return at;
}

function writeAnnotations(bytes: Buffer, start: number, message: Message, lockedUntil: number | undefined, enqueuedAt: number): number {
  let at = start + ANNOTATIONS_HEAD_BYTES;
  let count = message.annotations.length;
  for (const entry of message.annotations) at += entry.copy(bytes, at);
  const add = (name: Buffer, type: number, value: number | undefined) => {
    if (value === undefined) return;
    count++;
    at += name.copy(bytes, at);
    bytes[at++] = type;
    at = type === typecode.int ? bytes.writeInt32BE(value, at) : writeInt64(bytes, value, at);
  };
  add(annotationNames.scheduledAt, typecode.timestamp, message.scheduledAt);
  add(annotationNames.enqueuedAt, typecode.timestamp, enqueuedAt);
  add(annotationNames.sequenceNumber, typecode.long, message.sequenceNumber);
  add(annotationNames.state, typecode.int, message.state);
  add(annotationNames.enqueuedSequenceNumber, typecode.long, message.enqueuedSequenceNumber);
  add(annotationNames.lockedUntil, typecode.timestamp, lockedUntil);
  bytes.writeUInt32BE(0x0053_00d1 | (sectionCode.messageAnnotations << 8), start);
  bytes.writeUInt32BE(at - start - 8, start + 4);
  bytes.writeUInt32BE(count * 2, start + 8);
  return at;
}

/** Times and sequence numbers are positive and far below 2^53. */
function writeInt64(bytes: Buffer, value: number, at: number): number {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return bytes.writeUInt32BE(value >>> 0, at + 4);
}

function encodeSymbol(name: string): Buffer {
  return Buffer.from([0xa3, name.length, ...Buffer.from(name)]);
}
