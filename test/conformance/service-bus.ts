import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  isServiceBusError,
  type ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  type ServiceBusReceiverOptions,
  type ServiceBusSessionReceiver,
} from "@azure/service-bus";
import { messageBehaviours } from "./service-bus-messages.ts";
import { sessionBehaviours } from "./service-bus-sessions.ts";
import { settlementBehaviours } from "./service-bus-settlement.ts";
import { topicBehaviours } from "./service-bus-topics.ts";

/** A namespace with entities of its own for these tests, empty at the start. */
export interface ServiceBusUnderTest {
  readonly client: ServiceBusClient;
  /** Another client, which is told after this time that what it waits for does not come. */
  connect(timeoutInMs: number): ServiceBusClient;
  /** Of queue and session queue. */
  readonly lockDurationMs: number;
  /** At most 3 deliveries; expired messages are dead-lettered. */
  readonly queue: string;
  readonly sessionQueue: string;
  /**
   * Duplicate detection on. Subscriptions: `all`; `replies` (sessions; correlation filter:
   * application property reply = "true"); `failed` (two SQL filters:
   * `outcome IN ('Failed', 'Rejected') AND sys.Label = 'completed'`, and `urgent = TRUE`).
   */
  readonly topic: string;
}

/** What a group of behaviours works with. */
export interface Bench {
  readonly bus: () => ServiceBusUnderTest;
  /**
   * Declares a behaviour, with where it is written or was seen. `localOnly` says why it cannot be
   * asked of a namespace in Azure.
   */
  behaviour(title: string, source: string, show: () => Promise<void>, options?: { localOnly?: string }): void;
  send(to: string, ...messages: ServiceBusMessage[]): Promise<void>;
  /** Receives exactly so many messages, however long a lock of somebody else runs. */
  receive(receiver: ServiceBusReceiver | ServiceBusSessionReceiver, count: number): Promise<ServiceBusReceivedMessage[]>;
  take(receiver: ServiceBusReceiver | ServiceBusSessionReceiver): Promise<ServiceBusReceivedMessage>;
  /** Does something with a receiver of the queue, and closes it. */
  withReceiver(use: (receiver: ServiceBusReceiver) => Promise<void>, options?: ServiceBusReceiverOptions): Promise<void>;
}

const docs = "https://learn.microsoft.com/en-us/azure/service-bus-messaging";
export const sources = {
  advancedFeatures: `${docs}/advanced-features-overview`,
  browsing: `${docs}/message-browsing`,
  client: "https://learn.microsoft.com/en-us/javascript/api/@azure/service-bus/",
  deadLetters: `${docs}/service-bus-dead-letter-queues`,
  deferral: `${docs}/message-deferral`,
  duplicates: `${docs}/duplicate-detection`,
  errors: `${docs}/service-bus-messaging-exceptions-latest`,
  expiration: `${docs}/message-expiration`,
  filters: `${docs}/topic-filters`,
  payloads: `${docs}/service-bus-messages-payloads`,
  protocol: `${docs}/service-bus-amqp-protocol-guide`,
  requestResponse: `${docs}/service-bus-amqp-request-response`,
  quotas: `${docs}/service-bus-quotas`,
  sequencing: `${docs}/message-sequencing`,
  sessions: `${docs}/message-sessions`,
  settlement: `${docs}/message-transfers-locks-settlement`,
  sqlFilter: `${docs}/service-bus-messaging-sql-filter`,
} as const;

/** An error of the client with this code. */
export function hasCode(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(isServiceBusError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}

/** What any Service Bus namespace shows the real client, whoever runs it. */
export function serviceBusConformance(real: boolean, start: () => Promise<ServiceBusUnderTest & { stop(): Promise<void> }>): void {
  describe("Service Bus", () => {
    let bus: Awaited<ReturnType<typeof start>>;
    before(async () => {
      bus = await start();
    });
    after(() => bus?.stop());

    const receive: Bench["receive"] = async (receiver, count) => {
      const messages: ServiceBusReceivedMessage[] = [];
      while (messages.length < count) {
        const batch = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 5_000 + 2 * bus.lockDurationMs });
        assert.ok(batch.length > 0, `${messages.length} of ${count} messages came`);
        messages.push(...batch);
      }
      return messages;
    };
    const bench: Bench = {
      bus: () => bus,
      receive,
      behaviour(title, source, show, { localOnly } = {}) {
        test(title, { skip: real && localOnly ? localOnly : false }, async () => {
          try {
            await show();
          } catch (error) {
            if (error instanceof Error) error.message += `\nSource of this behaviour: ${source}`;
            throw error;
          }
        });
      },
      send: (to, ...messages) => bus.client.createSender(to).sendMessages(messages),
      take: async (receiver) => (await receive(receiver, 1))[0] as ServiceBusReceivedMessage,
      async withReceiver(use, options = {}) {
        const receiver = bus.client.createReceiver(bus.queue, options);
        await use(receiver);
        await receiver.close();
      },
    };
    messageBehaviours(bench);
    settlementBehaviours(bench);
    sessionBehaviours(bench);
    topicBehaviours(bench);
  });
}
