import type { Socket } from "node:net";
import type { Connection, Container, Delivery, EventContext, Receiver, Sender, Session } from "rhea";
import { codec, rhea, type Typed } from "./amqp-values.ts";

/*
 * Everything that this broker needs of rhea 3.0.5 beyond its published types: private fields and
 * missing types (see amqp-values.ts too). The exact version is pinned because of this file.
 */
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
const fieldsOf = (link: Sender | Receiver) => link as unknown as PrivateSender;

/**
 * Creates a container that accepts every client: any user, any password, and the SASL mechanism
 * that other SDKs use.
 */
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

/** Sets fields of the broker's reply to an attach. */
export function setAttachReply(link: Sender | Receiver, fields: Readonly<Record<string, unknown>>): void {
  Object.assign(fieldsOf(link).local.attach, fields);
}

/**
 * Replies to an attach with the settle modes that the client wants, as Service Bus does.
 * Otherwise the .NET client does not send its `$cbs` requests settled, and gives two of them the
 * same delivery tag.
 */
export function acceptSettleModes(link: Sender | Receiver): void {
  const { snd_settle_mode, rcv_settle_mode } = link as unknown as Record<string, unknown>;
  setAttachReply(link, { snd_settle_mode, rcv_settle_mode });
}

/**
 * Holds back the reply to an attach, which rhea has already queued. Works only inside the handler
 * of the attach event. `releaseAttach` sends the reply later.
 */
export function holdAttach(link: Sender): void {
  const { state } = fieldsOf(link);
  state.local_open = false;
  state.open_requests = 0;
}
export function releaseAttach(link: Sender): void {
  fieldsOf(link).open();
}

/**
 * Makes a link answer a drain even if its credit was used up while the request was on its way. rhea
 * does not answer then, and the client closes the link. `onDrain` gets the credit that was given
 * back.
 */
export function replyToDrains(link: Sender, onDrain: (credit: number) => void): void {
  const sender = fieldsOf(link);
  sender._get_drain = () => {
    if (!(sender._draining && sender._drained)) return false;
    onDrain(sender.credit);
    sender.delivery_count += sender.credit;
    sender.credit = 0;
    return true;
  };
}
/**
 * Returns the credit of a link, and how many transfers were written or drained since it was opened.
 * rhea lowers the credit only when it writes.
 */
export function creditOf(link: Sender): { credit: number; written: number } {
  const { credit, delivery_count } = fieldsOf(link);
  return { credit, written: delivery_count };
}
export function finishDrain(link: Sender): void {
  link.set_drained(true);
  (link.connection as unknown as { _register(): void })._register();
}

const ACCEPTED = codec.accepted().described();

/**
 * Settles a delivery, as rejected if there is an error. The client settles in two steps and never
 * reports the second one, so its place in rhea's window of 2,048 deliveries is freed here.
 */
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

/**
 * Makes the transfers of a link arrive as bytes. rhea would decode message format 0, and the
 * numbers would lose their AMQP types.
 */
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

/** Returns true if the broker sends on this link and its client receives. */
export function isSender(link: Sender | Receiver): link is Sender {
  return link.is_sender();
}
/** Returns the address of the entity that a link is for. */
export function addressOf(link: Sender | Receiver): string {
  return String((isSender(link) ? link.source : link.target)?.address ?? "");
}

/** Returns the socket of a connection, or nothing if it has none any more. */
export function socketOf(connection: Connection): Socket | undefined {
  return (connection as unknown as { socket?: Socket }).socket;
}

/** Returns true for the outcome `modified`. rhea raises both `modified` and `released` for it. */
export function isModified(delivery: Delivery): boolean {
  const state = (delivery as unknown as { remote_state?: { constructor: { composite_type?: string } } }).remote_state;
  return state?.constructor.composite_type === "modified";
}

/**
 * Writes all frames of a tick in one call, after `beforeWrite`. rhea would make a call for each
 * frame, and every call costs as much as the rest of a delivery.
 */
export function writeTogether(connection: Connection, beforeWrite: () => void): void {
  const { socket, output } = connection as unknown as { socket: Socket; output(): void };
  let corked = false;
  Object.assign(connection, {
    output() {
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(() => {
          beforeWrite();
          corked = false;
          socket.uncork();
        });
      }
      output.call(connection);
    },
  });
}

/**
 * Sends at least an empty frame after every read. It carries the TCP acknowledgement that the
 * client's next write waits for: the client does not switch Nagle's algorithm off, and each
 * exchange would take 40 ms.
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
