import { randomUUID } from "node:crypto";
import type { Timer } from "@azure/functions";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { QuarantinedMessage, ResubmittedMessage } from "../../azure/service-bus.ts";
import type { IntakeDependencies } from "../../functions/intake/intake.ts";
import { receiveRequest } from "../../functions/intake/receive-request.ts";
import { takeDeadLetters } from "../../functions/upkeep/take-dead-letters.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { policySchema } from "../../shared/policy.ts";
import type { startTaskHub } from "./task-hub.ts";

type Hub = Awaited<ReturnType<typeof startTaskHub>>;

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
  const receiving: IntakeDependencies = {
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

/** A way of a message to the app. Throws if the app gives the message back. */
export type Way = (world: ReturnType<typeof receivingOf>, hub: Hub, body: unknown, more?: Parameters<typeof metadata>[0]) => Promise<void>;

/** Hands a message over as the trigger of a request queue does. */
export const byTrigger: Way = ({ receiving }, hub, body, more) => receiveRequest("requests", receiving)(body, hub.context(metadata(more)));

/** Hands a message over as a dead letter, of which the body may be of any kind (`bodyType`). */
export const asDeadLetter: Way = async ({ receiving }, hub, body, more) => {
  const { enqueuedTimeUtc, bodyType = "data", ...facts } = metadata(more);
  const letter = { ...facts, body, enqueuedTimeUtc: new Date(String(enqueuedTimeUtc)), _rawAmqpMessage: { bodyType } };
  let left: unknown;
  const deadLetters = {
    each: (_queue: string, take: (letter: ServiceBusReceivedMessage) => Promise<void>) =>
      take(letter as unknown as ServiceBusReceivedMessage).catch((error: unknown) => {
        left = error;
      }),
  };
  await takeDeadLetters({ ...receiving, deadLetters })({} as Timer, hub.context());
  if (left !== undefined) throw left;
};
