import { randomUUID } from "node:crypto";
import type { Receiving } from "../../functions/take-message.ts";
import type { QuarantinedMessage, ResubmittedMessage } from "../../shared/azure/service-bus.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { policySchema } from "../../shared/policy.ts";

/**
 * What a receiver of requests needs, for a queue without a source prefix or with one: with an
 * outbox that keeps what it is given, and a time that passes only while somebody waits.
 */
export function receivingOf({ prefix = "" } = {}) {
  const published: { readonly messageId: string; readonly completion: Completion }[] = [];
  const quarantined: QuarantinedMessage[] = [];
  const resubmitted: { readonly message: ResubmittedMessage; readonly at: Date }[] = [];
  const clock = { time: Date.UTC(2026, 0, 1) };
  const broker = { away: false };
  const reached = () => {
    if (broker.away) throw Object.assign(new Error("no connection"), { code: "ServiceCommunicationProblem" });
  };
  const receiving: Receiving = {
    queue: "requests",
    queues: new Map([["requests", prefix]]),
    keys: new Map([["k1", Buffer.alloc(32, 7)]]),
    policy: policySchema.parse({}),
    now: () => new Date(clock.time),
    pause: async (milliseconds) => {
      clock.time += milliseconds;
    },
    outbox: {
      async publish(completion, messageId = completion.event.id) {
        reached();
        published.push({ messageId, completion });
      },
      async quarantine(message) {
        reached();
        quarantined.push(message);
      },
      async resubmit(message, at) {
        reached();
        resubmitted.push({ message, at });
      },
    },
  };
  return { receiving, clock, broker, published, quarantined, resubmitted };
}

/** The metadata of a message, as the worker hands it over. */
export function metadata(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    messageId: randomUUID(),
    contentType: "application/cloudevents+json",
    sequenceNumber: 7,
    enqueuedTimeUtc: "2026-01-01T00:00:00.000Z",
    deliveryCount: 1,
    applicationProperties: {},
    ...more,
  };
}
