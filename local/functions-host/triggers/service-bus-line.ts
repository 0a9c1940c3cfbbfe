import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

/** A connection with a receiver on it. */
export interface Line {
  /** Settles a message that came over it. Rejects at once when the connection is broken: the message will come again. */
  settle(settlement: (receiver: ServiceBusReceiver) => Promise<void>): Promise<void>;
}

const PAUSE_MS = 250;
const LONGEST_SETTLEMENT_MS = 5_000;
const LONGEST_TURN_MS = 100;

/**
 * Listens over one connection after the other: a new client whenever one is broken. The client's own recovery (7.9.5) is not enough: when the connection
 * breaks again while it recovers the receiver can stay dead, and settlements of what came before wait for their time-out.
 */
export function listen(options: {
  connect: () => ServiceBusClient;
  receiverOn: (client: ServiceBusClient) => ServiceBusReceiver;
  maxConcurrentCalls: number;
  handle: (message: ServiceBusReceivedMessage, line: Line) => Promise<void>;
  failed: (error: Error) => void;
}): { close(): Promise<void> } {
  const { connect, receiverOn, maxConcurrentCalls, handle, failed } = options;
  const running = new Set<Promise<void>>();
  let closing = false;
  let current = open();

  function open() {
    const client = connect();
    const receiver = receiverOn(client);
    const broken = new AbortController();
    const lost = Promise.withResolvers<void>();
    const line: Line = { settle: oneByOne(receiver, broken.signal) };
    const subscription = receiver.subscribe(
      {
        async processMessage(message) {
          const handling = handle(message, line);
          running.add(handling);
          await handling.finally(() => running.delete(handling));
        },
        async processError({ error }) {
          if (!broken.signal.aborted) failed(error);
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls, abortSignal: broken.signal },
    );
    whenBroken(client, () => {
      broken.abort(new Error("the connection over which it came was lost"));
      lost.resolve();
      if (!closing) failed(new Error("the connection was lost"));
      // Nothing that it still does is of use, and it may take its time.
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
      // The client waits for the broker's answer to a detach for ever, and there is none when both lose their parent at once.
      await Promise.race([subscription.close(), lost]);
      await Promise.allSettled(running);
      await Promise.race([receiver.close().then(() => client.close()), lost]);
    },
  };
}

/**
 * Settlements are begun one by one: the AMQP library merges dispositions of adjacent messages that are written in one tick, and with different outcomes
 * both would get the first one's. One that is not answered holds the next ones up for a moment only, and is given up soon: over a link that was detached
 * meanwhile the client (7.9.5) waits for four time-outs of a minute each, and every place of the trigger would be taken by such a wait.
 */
function oneByOne(receiver: ServiceBusReceiver, broken: AbortSignal): Line["settle"] {
  let last: Promise<unknown> = Promise.resolve();
  return (settlement) => {
    const turn = last;
    const done = turn.then(async () => {
      broken.throwIfAborted();
      const lost = Promise.withResolvers<never>();
      const giveUp = () => lost.reject(broken.reason);
      broken.addEventListener("abort", giveUp, { once: true });
      const late = setTimeout(() => lost.reject(new Error("the broker did not answer")), LONGEST_SETTLEMENT_MS);
      await Promise.race([settlement(receiver), lost.promise]).finally(() => {
        broken.removeEventListener("abort", giveUp);
        clearTimeout(late);
      });
    });
    last = turn.then(() => Promise.race([done.catch(() => {}), pause(LONGEST_TURN_MS, undefined, { ref: false })]));
    return done;
  };
}

/** The client does not tell that its connection is broken; the AMQP connection inside it does. */
function whenBroken(client: ServiceBusClient, told: () => void): void {
  const inside = client as unknown as { _connectionContext: { connection: { once(event: "disconnected", told: () => void): void } } };
  inside._connectionContext.connection.once("disconnected", told);
}
