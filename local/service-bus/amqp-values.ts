import { createRequire } from "node:module";
import type { Container } from "rhea";

/** rhea is CommonJS and exports one container object. */
export const rhea = createRequire(import.meta.url)("rhea") as {
  create_container(options: { id: string }): Container;
  types: Types;
  message: MessageCodec;
};

/** A value with its AMQP type. */
export type Typed = object;
interface Types {
  wrap_long(value: Buffer): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_int(value: number): Typed;
  wrap_string(value: string): Typed;
  wrap_symbol(value: string): Typed;
  wrap_binary(value: Buffer): Typed;
  wrap_uuid(value: Buffer): Typed;
  wrap_map(value: object): Typed;
  wrap_symbolic_map(value: object): Typed;
  wrap_list(value: readonly unknown[]): Typed;
  wrap_array(value: readonly unknown[], typecode: number, descriptor: undefined): Typed;
  wrap(value: unknown): Typed;
  Timestamp: { typecode: number };
  Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
}
interface MessageCodec {
  decode(bytes: Buffer): DecodedMessage;
  properties(fields: object): { described(): Typed };
  accepted(): { described(): Typed };
  rejected(fields: object): { described(): Typed };
}

/** A message as rhea decodes it. */
export interface DecodedMessage {
  readonly [section: string]: unknown;
  readonly body?: unknown;
}

export const { types, message: codec } = rhea;

const TYPECODE_LONG = 0x81;
const TICKS_AT_EPOCH = 621355968000000000n;

function longBytes(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** Encodes 64-bit numbers. rhea would choose a type by the size of each value. */
export function encodeLongArray(values: readonly number[]): Typed {
  return types.wrap_array(values.map(longBytes), TYPECODE_LONG, undefined);
}
export function encodeTimestampArray(values: readonly number[]): Typed {
  return types.wrap_array(values, types.Timestamp.typecode, undefined);
}
/** Encodes a time as .NET ticks, as the attaches of sessions have it. */
export function encodeTicks(time: number): Typed {
  return types.wrap_long(longBytes(BigInt(time) * 10_000n + TICKS_AT_EPOCH));
}
/** Reads a number that may be 8 bytes: rhea does not decode large longs. */
export function readNumber(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);
}
/** Returns the bytes of a value. */
export function encodeValue(value: Typed): Buffer {
  const writer = new types.Writer();
  writer.write(value);
  return Buffer.from(writer.toBuffer());
}
