import { encodeValue, types } from "./amqp-values.ts";
import { ServiceBusError } from "./errors.ts";

/*
 * Splits the bytes of a message without decoding them. So a number keeps the AMQP type that its
 * sender gave it; a JavaScript number would lose it
 * (https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html#section-encodings).
 */

/**
 * Descriptors of the sections of a message
 * (https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#section-message-format).
 */
export const sectionCode = { header: 0x70, messageAnnotations: 0x72, properties: 0x73, applicationProperties: 0x74, data: 0x75 } as const;

/** Type codes of lists and of maps: the sections before the body are one or the other. */
const lists = [0x45, 0xc0, 0xd0];
const maps = [0xc1, 0xd1];
const listSections: readonly number[] = [sectionCode.header, sectionCode.properties];
const SMALL_ULONG = 0x53;
const ULONG = 0x80;
/**
 * Widths in bytes, by the high half of the type code: of the value itself if its width is fixed, of
 * its size field if it is not.
 */
const fixedWidths: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };
const sizeWidths: Readonly<Record<number, number>> = { 10: 1, 11: 4, 12: 1, 13: 4, 14: 1, 15: 4 };
const WIDE = 4;
const EMPTY = Buffer.alloc(0);

/**
 * The places of the sections, by code. The body begins with the first body section and goes on to
 * the end.
 */
export type Sections = Partial<Record<number, { readonly start: number; readonly value: number; readonly end: number }>> & {
  readonly bodyStart: number;
};

/** Finds the sections of an encoded message. Throws `amqp:decode-error`. */
export function sectionsOf(bytes: Buffer): Sections {
  const sections: Partial<Record<number, { start: number; value: number; end: number }>> = {};
  let start = 0;
  while (start < bytes.length) {
    const kind = bytes[start + 1];
    if (bytes[start] !== 0 || (kind !== SMALL_ULONG && kind !== ULONG)) throw decodeError();
    const value = start + (kind === ULONG ? 10 : 3);
    const code = bytes[value - 1] as number;
    if (code >= sectionCode.data) break;
    if (!(listSections.includes(code) ? lists : maps).includes(bytes[value] ?? 0)) throw decodeError();
    const end = endOf(bytes, value);
    sections[code] = { start, value, end };
    start = end;
  }
  return Object.assign(sections, { bodyStart: start });
}

/** Returns the contents of the data sections of a body. */
export function dataOf(bytes: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let start = sectionsOf(bytes).bodyStart; start < bytes.length; ) {
    const value = start + 3;
    const end = endOf(bytes, start);
    const width = sizeWidths[(bytes[value] as number) >> 4];
    if (bytes[start + 1] !== SMALL_ULONG || bytes[start + 2] !== sectionCode.data || width === undefined) throw decodeError();
    contents.push(bytes.subarray(value + 1 + width, end));
    start = end;
  }
  return contents;
}

/** Returns true if a list or map is empty. */
export function isEmpty(bytes: Buffer, { value, end }: { readonly value: number; readonly end: number }): boolean {
  return end === value + 1 + 2 * (sizeWidths[(bytes[value] as number) >> 4] ?? 0);
}

/** Returns the place after the value that begins at `at`. */
function endOf(bytes: Buffer, at: number): number {
  const code = bytes[at];
  if (code === undefined) throw decodeError();
  if (code === 0) return endOf(bytes, endOf(bytes, at + 1));
  const fixed = fixedWidths[code >> 4];
  const width = sizeWidths[code >> 4];
  if (fixed === undefined && width === undefined) throw decodeError();
  let end: number;
  if (fixed !== undefined) end = at + 1 + fixed;
  else if (width === WIDE) end = at + 5 + readUInt32(bytes, at + 1);
  else end = at + 2 + (bytes[at + 1] ?? bytes.length);
  if (end > bytes.length) throw decodeError();
  return end;
}

function readUInt32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw decodeError();
  return bytes.readUInt32BE(at);
}

/**
 * Returns the entries of an encoded map: the name of each, and the bytes of name and value
 * together.
 */
export function entriesOf(bytes: Buffer, at: number): { name: string; bytes: Buffer }[] {
  const code = bytes[at] as number;
  const width = sizeWidths[code >> 4] ?? 0;
  if (code >> 4 !== 12 && code >> 4 !== 13) throw decodeError();
  const end = endOf(bytes, at);
  const entries: { name: string; bytes: Buffer }[] = [];
  for (let key = at + 1 + 2 * width; key < end; ) {
    const value = endOf(bytes, key);
    const next = endOf(bytes, value);
    // Map keys are strings or symbols: a type code, a size, the characters.
    const text = key + 1 + (sizeWidths[(bytes[key] as number) >> 4] ?? 0);
    entries.push({ name: bytes.toString("utf8", text, value), bytes: bytes.subarray(key, next) });
    key = next;
  }
  return entries;
}

/**
 * Returns the section of application properties with some of them changed or added. The others keep
 * their bytes.
 */
export function encodeApplicationProperties(bytes: Buffer, at: number | undefined, changes: Readonly<Record<string, unknown>>): Buffer {
  const kept = at === undefined ? [] : entriesOf(bytes, at).filter(({ name }) => !Object.hasOwn(changes, name));
  const added = entriesOf(encodeValue(types.wrap_map(changes)), 0);
  const entries = Buffer.concat([...kept, ...added].map((entry) => entry.bytes));
  const head = Buffer.from([0, SMALL_ULONG, sectionCode.applicationProperties, 0xd1, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(entries.length + 4, 4);
  head.writeUInt32BE((kept.length + added.length) * 2, 8);
  return Buffer.concat([head, entries]);
}

/**
 * Returns the section of standard properties with another message id, which is its first field. The
 * other fields keep their bytes.
 */
export function encodePropertiesWithId(bytes: Buffer, at: number | undefined, messageId: string): Buffer {
  const width = at === undefined ? 0 : (sizeWidths[(bytes[at] as number) >> 4] ?? 0);
  const count = at === undefined || width === 0 ? 0 : bytes.readUIntBE(at + 1 + width, width);
  const others = at === undefined || count === 0 ? EMPTY : bytes.subarray(endOf(bytes, at + 1 + 2 * width), endOf(bytes, at));
  const id = Buffer.from(`\0\0${messageId}`);
  id[0] = 0xa1;
  id[1] = id.length - 2;
  const head = Buffer.from([0, SMALL_ULONG, sectionCode.properties, 0xd0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(4 + id.length + others.length, 4);
  head.writeUInt32BE(Math.max(count, 1), 8);
  return Buffer.concat([head, id, others]);
}

/** Returns the error for bytes that are no AMQP message. */
export function decodeError(): ServiceBusError {
  return new ServiceBusError("amqp:decode-error", "The message is not encoded as AMQP 1.0 defines it.");
}
