import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import { cutText } from "../shared/contract/bounded.ts";
import type { Completion } from "../shared/contract/completion.ts";
import { keepUsableSession } from "../shared/contract/reply-session.ts";
import { tracePropertiesOf } from "../shared/contract/traceparent.ts";
import { instanceIdInEventId } from "../shared/durable/instance-id.ts";
import { parseExactly } from "../shared/json/parse.ts";
import type { Settings } from "../shared/settings.ts";
import { traceOfRequest } from "../shared/tracing/request-trace.ts";
import { loadOnce } from "./load-once.ts";
import { errorTypeOf } from "./span-attributes.ts";
import type { Tracing } from "./tracing.ts";

const PUBLISH_TIMEOUT_MS = 30_000;
/** In characters. Valid ids and sources are not longer. */
const LONGEST_PROPERTY = 256;

/**
 * The copy of an unreadable message in the quarantine queue. If the body is too large, it is left
 * out.
 */
export interface QuarantinedMessage {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly messageId: string;
  readonly reason: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A dead letter that is sent to its request queue again. */
export interface ResubmittedMessage {
  readonly queue: string;
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly messageId: string;
  readonly replySessionId: string | null;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
}

/**
 * Sends the app's messages. Each call returns when the broker has accepted the message, and throws
 * otherwise.
 */
export interface Outbox {
  /**
   * Sends a completion. The message id is its event id, unless a repeated request needs another
   * one.
   */
  publish(completion: Completion, messageId?: string): Promise<void>;
  /** Schedules a request for its queue again, unchanged. It is delivered at the given time. */
  resubmit(message: ResubmittedMessage, at: Date): Promise<void>;
  /** Sends a message to the quarantine queue. */
  quarantine(message: QuarantinedMessage): Promise<void>;
}

/** Creates the sender of the app's messages. The connection is opened at the first one. */
export function createOutbox(settings: Settings, client: () => Promise<ServiceBusClient>, tracing?: Tracing): Outbox {
  const topic = loadOnce(async () => (await client()).createSender(settings.COMPLETION_TOPIC));
  const requests = new Map(
    [...settings.REQUEST_QUEUES.keys()].map((queue) => [queue, loadOnce(async () => (await client()).createSender(queue))]),
  );
  const quarantine = loadOnce(async () => (await client()).createSender(settings.QUARANTINE_QUEUE));
  const send = async (sender: () => Promise<ServiceBusSender>, message: ServiceBusMessage) =>
    (await sender()).sendMessages(message, { abortSignal: AbortSignal.timeout(PUBLISH_TIMEOUT_MS) });

  return {
    async publish(completion, messageId = completion.event.id) {
      const span = tracing && startSending(tracing, completion, settings.COMPLETION_TOPIC);
      try {
        await send(topic, { ...completionMessageOf(completion), messageId });
        span?.end({});
      } catch (error) {
        span?.end({ "error.type": errorTypeOf(error) });
        throw error;
      }
    },
    async resubmit({ queue, body, contentType, messageId, replySessionId, applicationProperties }, at) {
      const sender = requests.get(queue);
      if (!sender) throw new Error(`The app has no request queue ${queue}`);
      await send(sender, {
        body: Buffer.from(body),
        messageId,
        scheduledEnqueueTimeUtc: at,
        ...(contentType === undefined ? {} : { contentType }),
        ...(replySessionId === null ? {} : { replyToSessionId: replySessionId }),
        applicationProperties: sendablePropertiesOf(applicationProperties),
      });
    },
    quarantine: ({ body, contentType, messageId, reason, properties }) =>
      send(quarantine, {
        body: Buffer.from(body),
        messageId,
        subject: reason,
        ...(contentType === undefined ? {} : { contentType }),
        applicationProperties: properties,
      }),
  };
}

/** Begins the span of sending a completion, in the trace of its request. */
function startSending(tracing: Tracing, { event }: Completion, topic: string) {
  const instanceId = instanceIdInEventId(event.id);
  const span = tracing.start({
    name: `send ${topic}`,
    kind: "producer",
    attributes: {
      "messaging.system": "servicebus",
      "messaging.operation.type": "send",
      "messaging.destination.name": topic,
      "vpn.instance_id": instanceId,
    },
  });
  span.moveTo(traceOfRequest(instanceId, event.traceparent).live);
  return span;
}

/**
 * Returns application properties that the client can send. It can read some values that it cannot
 * send: objects such as bytes, and integers beyond 2^53. They become JSON text.
 */
function sendablePropertiesOf(properties: Readonly<Record<string, unknown>>): Record<string, string | number | boolean | Date | null> {
  const values = Object.entries(properties).map(([name, value]) => {
    const isObject = typeof value === "object" && value !== null && !(value instanceof Date);
    const isTooLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
    return [name, isObject || isTooLarge ? JSON.stringify(value) : value];
  });
  return Object.fromEntries(values);
}

/**
 * Returns the Service Bus message of a completion: a structured CloudEvent, with properties for
 * filters of subscriptions and for the request's trace.
 */
function completionMessageOf({ event, ticket, replySessionId: requestedSession }: Completion): ServiceBusMessage {
  const { outcome, change, problem, requestId, requestSource } = event.data;
  const replySessionId = keepUsableSession(requestedSession);
  const withTicket = { ...event, data: { ...event.data, ticket: ticket === null ? null : parseExactly(ticket) } };
  return {
    // The body is bytes. The SDK would parse and write JSON again, and so round the ticket's
    // numbers.
    body: Buffer.from(JSON.stringify(withTicket)),
    contentType: "application/cloudevents+json; charset=utf-8",
    correlationId: cutText(requestId, LONGEST_PROPERTY),
    ...(replySessionId === null ? {} : { sessionId: replySessionId }),
    applicationProperties: {
      outcome,
      requestSource: cutText(requestSource, LONGEST_PROPERTY),
      ...(change ? { change } : {}),
      ...(event.subject ? { gateway: event.subject.split("/vpnConnections/")[0] ?? "" } : {}),
      ...(problem ? { problemCode: problem.code } : {}),
      ...(replySessionId === null ? {} : { reply: "true" }),
      ...tracePropertiesOf(event.traceparent),
    },
  };
}
