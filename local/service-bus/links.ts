import type { Clock } from "../clock.ts";
import { encodeTicks, readNumber } from "./amqp-values.ts";
import type { createEntities, Entity } from "./entities.ts";
import { amqpErrorOf, notImplementedError, ServiceBusError } from "./errors.ts";
import type { Lock, Session } from "./locks.ts";
import { type Message, messagesOf } from "./message.ts";
import { encodeMessage } from "./message-encoding.ts";
import type { Queue } from "./queue.ts";
import * as adapter from "./rhea-adapter.ts";
import type { Acceptor } from "./sessions.ts";
import type { Settlement } from "./settlement.ts";
import type { createThrottle } from "./throttle.ts";

const SESSION_FILTER = "com.microsoft:session-filter";
const MAX_MESSAGE_BYTES = 262_144;
/** Settle mode of a receiver whose messages are settled before it has seen them. */
const SETTLED_FIRST = 1;
const LONGEST_SESSION_WAIT_MS = 65_000;

/** A sending link of the broker, with the consumer of a queue behind it. */
interface Receiving {
  readonly queue: Queue;
  /** Ends everything that the link holds. */
  release(): void;
}

/** Creates the links between clients and entities: attach, transfer, settlement, drain, detach. */
export function createLinks(entities: ReturnType<typeof createEntities>, { pass }: ReturnType<typeof createThrottle>, clock: Clock) {
  const receiving = new WeakMap<adapter.Sender, Receiving>();
  const sending = new WeakMap<adapter.Receiver, Entity>();
  /** Names of links that their clients detached before the broker had answered the attach. */
  const givenUp = new WeakMap<adapter.Connection, Set<string>>();
  const deliveries = new WeakMap<adapter.Delivery, { queue: Queue; lock: Lock }>();

  /** Attaches a link on which the client sends to a queue, a topic or a management node. */
  function attachSending(receiver: adapter.Receiver): void {
    // A target without an address is a transaction coordinator
    // (https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transactions-v1.0-os.html#type-coordinator).
    const { address } = receiver.target ?? {};
    if (typeof address !== "string") throw notImplementedError("transactions");
    const entity = entities.find(String(address));
    if (!entity.management && !entity.destination)
      throw new ServiceBusError("amqp:not-allowed", `Messages cannot be sent to '${address}'.`);
    sending.set(receiver, entity);
    if (!entity.management) adapter.receiveBytes(receiver);
    adapter.setAttachReply(receiver, { max_message_size: MAX_MESSAGE_BYTES });
    receiver.set_target({ address });
    receiver.set_source({ address: receiver.source?.address });
  }

  /** Attaches a link on which the client receives from a queue or a subscription. */
  function attachReceiving(sender: adapter.Sender, queue: Queue): void {
    // If the reply to an attach reaches rhea after it has detached, rhea attaches again, then
    // detaches, and so on for ever. Without a reply it stops.
    if (givenUp.get(sender.connection)?.delete(sender.name)) {
      adapter.holdAttach(sender);
      return;
    }
    pass();
    const settlesFirst = (sender as unknown as { snd_settle_mode: number }).snd_settle_mode === SETTLED_FIRST;
    const { filter } = sender.source as unknown as { filter?: Record<string, unknown> };
    const wantsSession = filter !== undefined && filter !== null && SESSION_FILTER in filter;
    if (queue.options.requiresSession && !wantsSession) {
      throw new ServiceBusError(
        "amqp:not-allowed",
        "It is not possible for an entity that requires sessions to create a non-sessionful message receiver.",
      );
    }
    if (wantsSession && !queue.options.requiresSession) {
      throw new ServiceBusError(
        "amqp:not-allowed",
        "A sessionful message receiver cannot be created on an entity that does not require sessions. Ensure RequiresSession is set to true when creating a Queue or Subscription to enable sessionful behavior.",
      );
    }
    if (wantsSession) attachToSession(sender, queue, filter[SESSION_FILTER], settlesFirst);
    else {
      sender.set_source({ address: sender.source.address });
      consume(sender, queue, undefined, settlesFirst, () => {});
    }
  }

  function consume(sender: adapter.Sender, queue: Queue, session: Session | undefined, settlesFirst: boolean, onRelease: () => void): void {
    let handed = 0;
    adapter.replyToDrains(sender, (credit) => {
      handed += credit;
    });
    const consumer = {
      ...(session ? { session } : {}),
      settlesFirst,
      // rhea lowers the credit when it writes, which is later. Messages that were handed over and
      // are not yet written are subtracted here.
      capacity() {
        const { credit, written } = adapter.creditOf(sender);
        return sender.is_open() && sender.sendable() ? credit - (handed - written) : 0;
      },
      hand(message: Message, lock: Lock | undefined) {
        handed++;
        const tag = lock ? tagOf(lock.token) : Buffer.from(`${message.sequenceNumber}`.padStart(16, "0"));
        const delivery = sender.send(encodeMessage(message, lock?.until, clock.at(message.enqueuedAt)), tag, 0);
        if (lock) deliveries.set(delivery, { queue, lock });
      },
    };
    queue.addConsumer(consumer);
    receiving.set(sender, {
      queue,
      release() {
        queue.removeConsumer(consumer);
        onRelease();
      },
    });
  }

  /**
   * Attaches a receiver to a session. The reply waits until a session is free: a request for the
   * next session is a long poll.
   */
  function attachToSession(sender: adapter.Sender, queue: Queue, wanted: unknown, settlesFirst: boolean): void {
    const { address } = sender.source;
    const timeout = (sender.properties as Record<string, unknown> | undefined)?.["com.microsoft:timeout"];
    let held = true;
    adapter.holdAttach(sender);
    const acceptor: Acceptor = {
      onGranted(session) {
        held = false;
        sender.set_source({ address, filter: { [SESSION_FILTER]: session.id } } as never);
        adapter.setAttachReply(sender, { properties: { "com.microsoft:locked-until-utc": encodeTicks(session.until) } });
        adapter.releaseAttach(sender);
        consume(sender, queue, session, settlesFirst, () => queue.sessions.giveUp(acceptor));
      },
      onRefused(error) {
        held = false;
        adapter.setAttachReply(sender, { source: undefined });
        adapter.releaseAttach(sender);
        sender.close(amqpErrorOf(error));
      },
      onEnded(error) {
        receiving.get(sender)?.release();
        receiving.delete(sender);
        sender.close(amqpErrorOf(error));
      },
    };
    receiving.set(sender, {
      queue,
      release() {
        queue.sessions.giveUp(acceptor);
        // The client detached while the reply to its attach was held back. Reply once, before the
        // reply to the detach.
        if (!held) return;
        givenUp.set(sender.connection, (givenUp.get(sender.connection) ?? new Set()).add(sender.name));
        adapter.releaseAttach(sender);
      },
    });
    const waitMs = timeout === undefined ? 60_000 : readNumber(timeout);
    queue.sessions.accept(typeof wanted === "string" ? wanted : undefined, Math.min(waitMs, LONGEST_SESSION_WAIT_MS), acceptor);
  }

  return {
    attachSending,
    attachReceiving,
    entityOf: (receiver: adapter.Receiver): Entity | undefined => sending.get(receiver),

    /**
     * Sends a transfer of a client to its destination. A batch is accepted as a whole or not at
     * all.
     */
    transfer({ destination }: Entity, bytes: Buffer, delivery: adapter.Delivery, format: number): void {
      try {
        pass();
        if (bytes.length > MAX_MESSAGE_BYTES) throw tooLargeError(bytes.length);
        const messages = messagesOf(bytes, format);
        for (const each of messages) destination?.check(each);
        for (const each of messages) destination?.enqueue(each);
        delivery.accept();
      } catch (error) {
        delivery.reject(amqpErrorOf(error));
      }
    },

    /**
     * Settles a delivery. The client settles in two steps; the broker's reply is the second one.
     */
    settle(delivery: adapter.Delivery, settlement: Settlement): void {
      const known = deliveries.get(delivery);
      if (!known) return;
      deliveries.delete(delivery);
      try {
        known.queue.settle(known.lock.token, settlement);
        adapter.settle(delivery);
      } catch (error) {
        adapter.settle(delivery, amqpErrorOf(error));
      }
    },
    drain(sender: adapter.Sender): void {
      receiving.get(sender)?.queue.pump();
      // Messages that are ready are sent first. Then the rest of the credit is given back.
      queueMicrotask(() => adapter.finishDrain(sender));
    },
    sendable: (sender: adapter.Sender) => receiving.get(sender)?.queue.pump(),
    detach(link: adapter.Sender | adapter.Receiver): void {
      if (!adapter.isSender(link)) return;
      receiving.get(link)?.release();
      receiving.delete(link);
    },
  };
}

function tooLargeError(size: number): ServiceBusError {
  return new ServiceBusError(
    "amqp:link:message-size-exceeded",
    `The received message (delivery-id:0, size:${size} bytes) exceeds the limit (${MAX_MESSAGE_BYTES} bytes) currently allowed on the link.`,
  );
}

/**
 * Returns the delivery tag of a lock token: a GUID whose first three groups .NET writes in reverse
 * byte order.
 */
function tagOf(token: string): Buffer {
  const b = Buffer.from(token, "hex");
  return Buffer.concat([b.subarray(0, 4).reverse(), b.subarray(4, 6).reverse(), b.subarray(6, 8).reverse(), b.subarray(8)]);
}
