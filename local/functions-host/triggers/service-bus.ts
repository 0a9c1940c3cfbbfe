import { randomBytes } from "node:crypto";
import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import type { RegisteredFunction } from "../app/functions-core.ts";
import { type App, triggerOf } from "../app/load-app.ts";
import type { HostJson } from "../host-json.ts";
import { bodyOf, metadataOf } from "./service-bus-binding.ts";
import { listen, type ReceiverConnection } from "./service-bus-connection.ts";

type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Listens on the queue or subscription of a function. Completes a message if the function returns,
 * abandons it if the function throws. The rules are those of the .NET extension
 * (https://learn.microsoft.com/en-us/azure/azure-functions/functions-bindings-service-bus-trigger).
 * The client is the public one, so it works with a cloud namespace too.
 */
export async function startServiceBusTrigger(
  app: App,
  target: RegisteredFunction,
  options: { settings: Settings; hostJson: HostJson; durableClient: string },
) {
  const { settings, hostJson } = options;
  const trigger = triggerOf(target);
  const optionOf = (option: string) => resolveSettings(String(trigger[option]), settings);
  const connect = await connectorOf(String(trigger["connection"]), settings);
  // The client would parse JSON bodies, and the original text would be lost.
  const receiving = { maxAutoLockRenewalDurationInMs: hostJson.serviceBus.maxAutoLockRenewalMs, skipParsingBodyAsJson: true };
  const receiverOn = (client: ServiceBusClient) =>
    trigger["queueName"] !== undefined
      ? client.createReceiver(optionOf("queueName"), receiving)
      : client.createReceiver(optionOf("topicName"), optionOf("subscriptionName"), receiving);
  let away = false;
  const log = (level: string, message: string) => app.log({ level, category: "host", function: target.name, message });

  async function handle(message: ServiceBusReceivedMessage, line: ReceiverConnection): Promise<void> {
    if (away) log("information", "Service Bus is back.");
    away = false;
    let failed = false;
    try {
      await app.invoke(target, {
        trigger: bodyOf(message, trigger),
        triggerMetadata: metadataOf(message),
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
    const settled = line.settle((receiver) => (failed ? receiver.abandonMessage(message) : receiver.completeMessage(message)));
    await settled.catch((error: unknown) => {
      log(
        "warning",
        `The message ${message.messageId} could not be settled and will be delivered again: ${error instanceof Error ? error.message : error}`,
      );
    });
  }

  const onError = (error: Error) => {
    if (!away) log("warning", `Service Bus cannot be reached: ${error.message}`);
    away = true;
  };
  return listen({ connect, receiverOn, maxConcurrentCalls: hostJson.serviceBus.maxConcurrentCalls, handle, onError });
}

async function connectorOf(connection: string, settings: Settings): Promise<() => ServiceBusClient> {
  const connectionString = settings[connection];
  const options = { retryOptions: { retryDelayInMs: 250, maxRetryDelayInMs: 2000 } };
  if (connectionString) return () => new ServiceBusClient(connectionString, options);
  const namespace = settings[`${connection}__fullyQualifiedNamespace`];
  if (!namespace) throw new Error(`Neither the setting ${connection} nor ${connection}__fullyQualifiedNamespace is set.`);
  const { DefaultAzureCredential } = await import("@azure/identity");
  const credential = new DefaultAzureCredential();
  return () => new ServiceBusClient(namespace, credential, options);
}

/** Replaces `%SETTING%` by the setting's value. */
function resolveSettings(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_match, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`The setting ${name} is not set.`);
    return value;
  });
}

/**
 * Returns the trace of the message
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-end-to-end-tracing),
 * or a new one.
 */
function traceParentOf({ applicationProperties }: ServiceBusReceivedMessage): string {
  const carried = applicationProperties?.["Diagnostic-Id"] ?? applicationProperties?.["traceparent"];
  return typeof carried === "string" ? carried : `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
