import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { Connection, Container, Delivery, EventContext, Receiver, Sender, Session } from "rhea";

/*
 * All that this broker needs of rhea 3.0.5 beyond its published types, in one place: private fields, and what its types do not say. The exact version is
 * pinned because of this file. rhea is CommonJS and exports one container object.
 */
const rhea = createRequire(import.meta.url)("rhea") as {
  create_container(options: { id: string }): Container;
  types: Types;
  message: MessageCodec;
};

/** An AMQP value with its type written down. */
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

/** A 64-bit number: rhea would choose a type by the value's size. */
export function long(value: number): Typed {
  return types.wrap_long(longBytes(value));
}
export function longArray(values: readonly number[]): Typed {
  return types.wrap_array(values.map(longBytes), TYPECODE_LONG, undefined);
}
export function timestampArray(values: readonly number[]): Typed {
  return types.wrap_array(values, types.Timestamp.typecode, undefined);
}
/** A time as .NET ticks, which session attaches carry. */
export function ticks(time: number): Typed {
  return types.wrap_long(longBytes(BigInt(time) * 10_000n + TICKS_AT_EPOCH));
}
/** Reads a number that may have come as 8 bytes: rhea leaves large longs as they are. */
export function numberOf(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);
}
/** The bytes of a value. */
export function encoded(value: Typed): Buffer {
  const writer = new types.Writer();
  writer.write(value);
  return Buffer.from(writer.toBuffer());
}

interface PrivateSender {
  credit: number;
  delivery_count: number;
  _draining: boolean;
  _drained: boolean;
  _get_drain(): boolean;
  state: { local_open: boolean; open_requests: number };
  local: { attach: Record<string, unknown> };
  open(): void;
}
const inside = (link: Sender | Receiver) => link as unknown as PrivateSender;

/** A container that takes every client: any user, any password, and the mechanism that other SDKs ask for. */
export function createContainer(): Container {
  const container = rhea.create_container({ id: "local-service-bus" });
  const mechanisms = (
    container as unknown as {
      sasl_server_mechanisms: Record<string, unknown> & { enable_anonymous(): void; enable_plain(check: () => boolean): void };
    }
  ).sasl_server_mechanisms;
  mechanisms.enable_anonymous();
  mechanisms["MSSBCBS"] = mechanisms["ANONYMOUS"];
  mechanisms.enable_plain(() => true);
  return container;
}

/** Sets fields of the attach that answers a client's. */
export function answerAttachWith(link: Sender | Receiver, fields: Readonly<Record<string, unknown>>): void {
  Object.assign(inside(link).local.attach, fields);
}

/**
 * Answers an attach with the settle modes that the client asks for, as Service Bus does. The .NET client sends its `$cbs` requests settled only if the answer says
 * so, and otherwise gives two of them the same delivery tag.
 */
export function agreeOnSettling(link: Sender | Receiver): void {
  const { snd_settle_mode, rcv_settle_mode } = link as unknown as Record<string, unknown>;
  answerAttachWith(link, { snd_settle_mode, rcv_settle_mode });
}

/** Takes back the answer to an attach that rhea has queued already: only inside the handler of its event. `releaseAttach` sends it later. */
export function holdAttach(link: Sender): void {
  const { state } = inside(link);
  state.local_open = false;
  state.open_requests = 0;
}
export function releaseAttach(link: Sender): void {
  inside(link).open();
}

/**
 * Lets a link answer a drain also when its credit was used up while the request was on its way: rhea drops the answer then, and the client closes the link.
 * `drained` is told how much credit was given back.
 */
export function answerDrains(link: Sender, drained: (credit: number) => void): void {
  const sender = inside(link);
  sender._get_drain = () => {
    if (!(sender._draining && sender._drained)) return false;
    drained(sender.credit);
    sender.delivery_count += sender.credit;
    sender.credit = 0;
    return true;
  };
}
/** The credit of a link, and how many transfers were written or drained since it was opened: rhea lowers the credit only when it writes. */
export function creditOf(link: Sender): { credit: number; written: number } {
  const { credit, delivery_count } = inside(link);
  return { credit, written: delivery_count };
}
export function finishDrain(link: Sender): void {
  link.set_drained(true);
  (link.connection as unknown as { _register(): void })._register();
}

const ACCEPTED = codec.accepted().described();

/** Settles a delivery with a state. The client settles in two steps and never says that it has settled, so its place in the window of 2,048 is freed here. */
export function settle(delivery: Delivery, error?: object): void {
  const state = error ? codec.rejected({ error }).described() : ACCEPTED;
  (delivery as unknown as { update(settled: boolean, state: Typed): void }).update(true, state);
  (delivery as unknown as { remote_settled: boolean }).remote_settled = true;
}

interface Incoming {
  on_transfer(frame: { performative: { message_format: number | undefined } }, receiver: Receiver): void;
}
const takesBytes = new WeakSet<Receiver>();
const listening = new WeakSet<Incoming>();

/** Has all that comes over a link arrive as its bytes: rhea decodes format 0, and JavaScript's numbers no longer know which AMQP type they had. */
export function receiveBytes(link: Receiver): void {
  takesBytes.add(link);
  const { incoming } = link.session as unknown as { incoming: Incoming };
  if (listening.has(incoming)) return;
  listening.add(incoming);
  const onTransfer = incoming.on_transfer;
  incoming.on_transfer = (frame, receiver) => {
    if (frame.performative.message_format === 0 && takesBytes.has(receiver)) frame.performative.message_format = undefined;
    onTransfer.call(incoming, frame, receiver);
  };
}

/** Whether the broker sends on a link, so that its client receives. */
export function isSender(link: Sender | Receiver): link is Sender {
  return link.is_sender();
}
/** What a link leads to. */
export function addressOf(link: Sender | Receiver): string {
  return String((isSender(link) ? link.source : link.target)?.address ?? "");
}

/** The socket of a connection, while it has one. */
export function socketOf(connection: Connection): Socket | undefined {
  return (connection as unknown as { socket?: Socket }).socket;
}

/** rhea raises both `modified` and `released` for a modified outcome. */
export function isModified(delivery: Delivery): boolean {
  const state = (delivery as unknown as { remote_state?: { constructor: { composite_type?: string } } }).remote_state;
  return state?.constructor.composite_type === "modified";
}

/**
 * Writes all frames of a tick at once, after `ready`: rhea would write each by itself, and each of these calls costs as much as all the rest of a delivery.
 */
export function writeTogether(connection: Connection, ready: () => void): void {
  const { socket, output } = connection as unknown as { socket: Socket; output(): void };
  let corked = false;
  Object.assign(connection, {
    output() {
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(() => {
          ready();
          corked = false;
          socket.uncork();
        });
      }
      output.call(connection);
    },
  });
}

/**
 * Answers every read with at least an empty frame, because it carries the TCP acknowledgement that the client's next write waits for: its library leaves
 * Nagle's algorithm on, and each exchange would take 40 ms.
 */
export function acknowledgeReads(connection: Connection): void {
  const { socket, _write_frame } = connection as unknown as { socket: Socket; _write_frame(): void };
  socket.on("data", () => {
    const written = socket.bytesWritten;
    setImmediate(() => {
      if (connection.is_open() && socket.bytesWritten === written) _write_frame.call(connection);
    });
  });
}

export type { Connection, Container, Delivery, EventContext, Receiver, Sender, Session };
