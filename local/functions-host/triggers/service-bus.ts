import { randomBytes } from "node:crypto";
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from "@azure/service-bus";
import type { Clock } from "../../clock.ts";
import type { RegisteredFunction } from "../app/functions-core.ts";
import { type App, triggerOf } from "../app/load-app.ts";
import type { TypedData } from "../app/typed-data.ts";
import type { HostJson } from "../host-json.ts";

type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Listens on the queue or subscription of a function: complete when it returns, abandon when it throws. The rules are those of the .NET extension
 * (https://learn.microsoft.com/en-us/azure/azure-functions/functions-bindings-service-bus-trigger); the client is the public one, so a cloud namespace works as well.
 */
export async function startServiceBusTrigger(
  app: App,
  target: RegisteredFunction,
  options: { settings: Settings; clock: Clock; hostJson: HostJson; durableClient: string },
) {
  const { settings, clock, hostJson } = options;
  const trigger = triggerOf(target);
  const name = (option: string) => resolved(String(trigger[option]), settings);
  const client = await clientOf(String(trigger["connection"]), settings);
  // The client would parse JSON bodies, and lose what parsing loses.
  const receiving = { maxAutoLockRenewalDurationInMs: hostJson.serviceBus.maxAutoLockRenewalMs, skipParsingBodyAsJson: true };
  const receiver =
    trigger["queueName"] !== undefined
      ? client.createReceiver(name("queueName"), receiving)
      : client.createReceiver(name("topicName"), name("subscriptionName"), receiving);
  const running = new Set<Promise<void>>();
  const settle = oneByOne();
  let away = false;
  const log = (level: string, message: string) => app.log({ level, category: "host", function: target.name, message });

  async function handle(message: ServiceBusReceivedMessage): Promise<void> {
    if (away) log("information", "Service Bus is back.");
    away = false;
    let failed = false;
    try {
      await app.invoke(target, {
        trigger: bodyOf(message, trigger["dataType"] === "binary"),
        triggerMetadata: metadataOf(message, clock),
        durableClient: options.durableClient,
        traceParent: traceParentOf(message),
      });
    } catch (error) {
      failed = true;
      log(
        "error",
        `The message ${message.messageId} was abandoned (delivery ${(message.deliveryCount ?? 0) + 1}): ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
    }
    if (!failed && !hostJson.serviceBus.autoComplete) return;
    await settle(() => (failed ? receiver.abandonMessage(message) : receiver.completeMessage(message))).catch((error: unknown) => {
      log(
        "warning",
        `The message ${message.messageId} could not be settled and will come again: ${error instanceof Error ? error.message : error}`,
      );
    });
  }

  const subscription = receiver.subscribe(
    {
      async processMessage(message) {
        const handling = handle(message);
        running.add(handling);
        await handling.finally(() => running.delete(handling));
      },
      async processError({ error }) {
        if (!away) log("warning", `Service Bus cannot be reached: ${error.message}`);
        away = true;
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: hostJson.serviceBus.maxConcurrentCalls },
  );
  return { close: () => drain(subscription, running, receiver, client) };
}

/**
 * Settlements are awaited one by one: the AMQP library merges dispositions of adjacent messages that are written in one tick, and with different outcomes
 * both would get the first one's.
 */
function oneByOne() {
  let last: Promise<void> = Promise.resolve();
  return (settlement: () => Promise<void>): Promise<void> => {
    const done = last.then(settlement);
    last = done.catch(() => {});
    return done;
  };
}

async function drain(
  subscription: { close(): Promise<void> },
  running: ReadonlySet<Promise<void>>,
  receiver: ServiceBusReceiver,
  client: ServiceBusClient,
): Promise<void> {
  await subscription.close();
  await Promise.allSettled(running);
  await receiver.close();
  await client.close();
}

async function clientOf(connection: string, settings: Settings): Promise<ServiceBusClient> {
  const connectionString = settings[connection];
  const options = { retryOptions: { retryDelayInMs: 250, maxRetryDelayInMs: 2000 } };
  if (connectionString) return new ServiceBusClient(connectionString, options);
  const namespace = settings[`${connection}__fullyQualifiedNamespace`];
  if (!namespace) throw new Error(`Neither the setting ${connection} nor ${connection}__fullyQualifiedNamespace is set.`);
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new ServiceBusClient(namespace, new DefaultAzureCredential(), options);
}

/** Fills in `%SETTING%`. */
function resolved(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_match, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`The setting ${name} is not set.`);
    return value;
  });
}

function bodyOf({ body }: ServiceBusReceivedMessage, binary: boolean): TypedData {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? null));
  return binary ? { bytes } : { string: bytes.toString("utf8") };
}

/** What the extension tells a function about its message; dates in product time, `DeliveryCount` from 1 on. Absent values are left out. */
function metadataOf(message: ServiceBusReceivedMessage, clock: Clock): Record<string, TypedData> {
  const date = (time: Date | undefined) => (time ? new Date(clock.at(time.getTime())).toISOString() : undefined);
  const properties = message.applicationProperties ?? {};
  const texts = {
    MessageId: message.messageId,
    ContentType: message.contentType,
    CorrelationId: message.correlationId,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    SessionId: message.sessionId,
    Subject: message.subject,
    Label: message.subject,
    To: message.to,
    PartitionKey: message.partitionKey,
    LockToken: message.lockToken,
    DeadLetterSource: message.deadLetterSource,
  };
  const values = {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    EnqueuedTimeUtc: date(message.enqueuedTimeUtc),
    ExpiresAtUtc: date(message.expiresAtUtc),
    ApplicationProperties: properties,
    UserProperties: properties,
  };
  const present = <T>(entries: Record<string, T>) => Object.entries(entries).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries([
    ...present(texts).map(([key, value]) => [key, { string: String(value) }]),
    ...present(values).map(([key, value]) => [key, { json: JSON.stringify(value) }]),
  ]) as Record<string, TypedData>;
}

/** The message's own trace (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-end-to-end-tracing), or a new one. */
function traceParentOf({ applicationProperties }: ServiceBusReceivedMessage): string {
  const carried = applicationProperties?.["Diagnostic-Id"] ?? applicationProperties?.["traceparent"];
  return typeof carried === "string" ? carried : `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
