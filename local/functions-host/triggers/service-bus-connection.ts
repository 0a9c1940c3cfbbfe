import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

/** A connection with a receiver on it. */
export interface ReceiverConnection {
  /**
   * Settles a message of this connection. Rejects at once if the connection is broken: the message
   * is then delivered again.
   */
  settle(settlement: (receiver: ServiceBusReceiver) => Promise<void>): Promise<void>;
}

const PAUSE_MS = 250;
const LONGEST_SETTLEMENT_MS = 5_000;
const LONGEST_TURN_MS = 100;

/**
 * Listens with one client after the other: a new one replaces each client whose connection broke.
 * The client's own recovery (7.9.5) is not enough. If the connection breaks again during a
 * recovery, the receiver can stay dead, and settlements of earlier messages wait for their timeout.
 */
export function listen(options: {
  connect: () => ServiceBusClient;
  receiverOn: (client: ServiceBusClient) => ServiceBusReceiver;
  maxConcurrentCalls: number;
  handle: (message: ServiceBusReceivedMessage, line: ReceiverConnection) => Promise<void>;
  onError: (error: Error) => void;
}): { close(): Promise<void> } {
  const { connect, receiverOn, maxConcurrentCalls, handle, onError } = options;
  const running = new Set<Promise<void>>();
  let closing = false;
  let current = open();

  function open() {
    const client = connect();
    const receiver = receiverOn(client);
    const broken = new AbortController();
    const lost = Promise.withResolvers<void>();
    const line: ReceiverConnection = { settle: createSettler(receiver, broken.signal) };
    const subscription = receiver.subscribe(
      {
        async processMessage(message) {
          const handling = handle(message, line);
          running.add(handling);
          await handling.finally(() => running.delete(handling));
        },
        async processError({ error }) {
          if (!broken.signal.aborted) onError(error);
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls, abortSignal: broken.signal },
    );
    watchConnection(client, () => {
      broken.abort(new Error("the connection of this message was lost"));
      lost.resolve();
      if (!closing) onError(new Error("the connection was lost"));
      // Not awaited: it may take long, and its result is not needed.
      subscription.close().catch(() => {});
      client.close().catch(() => {});
      if (closing) return;
      setTimeout(() => {
        if (!closing) current = open();
      }, PAUSE_MS);
    });
    return { client, receiver, subscription, lost: lost.promise };
  }

  return {
    async close() {
      closing = true;
      const { client, receiver, subscription, lost } = current;
      // The client waits for ever for the broker's reply to a detach. There is none if broker and
      // host lose their parent at the same time.
      await Promise.race([subscription.close(), lost]);
      await Promise.allSettled(running);
      await Promise.race([receiver.close().then(() => client.close()), lost]);
    },
  };
}

/**
 * Begins settlements one by one. The AMQP library merges dispositions of adjacent messages that are
 * written in one tick, and with different outcomes both messages would get the outcome of the
 * first. A settlement without a reply delays the next ones only for a moment, and is given up soon.
 * Otherwise, on a link that was detached in the meantime, the client (7.9.5) would wait for four
 * timeouts of a minute each, and such waits would use up all concurrent calls of the trigger.
 */
function createSettler(receiver: ServiceBusReceiver, broken: AbortSignal): ReceiverConnection["settle"] {
  let last: Promise<unknown> = Promise.resolve();
  return (settlement) => {
    const turn = last;
    const done = turn.then(async () => {
      broken.throwIfAborted();
      const lost = Promise.withResolvers<never>();
      const giveUp = () => lost.reject(broken.reason);
      broken.addEventListener("abort", giveUp, { once: true });
      const late = setTimeout(() => lost.reject(new Error("the broker did not reply")), LONGEST_SETTLEMENT_MS);
      await Promise.race([settlement(receiver), lost.promise]).finally(() => {
        broken.removeEventListener("abort", giveUp);
        clearTimeout(late);
      });
    });
    last = turn.then(() => Promise.race([done.catch(() => {}), pause(LONGEST_TURN_MS, undefined, { ref: false })]));
    return done;
  };
}

/**
 * Calls `onBroken` when the connection breaks. The client does not report that, but the AMQP
 * connection inside it does.
 */
function watchConnection(client: ServiceBusClient, onBroken: () => void): void {
  const inside = client as unknown as { _connectionContext: { connection: { once(event: "disconnected", listener: () => void): void } } };
  inside._connectionContext.connection.once("disconnected", onBroken);
}
