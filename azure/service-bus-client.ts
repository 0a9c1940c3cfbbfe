import type { ServiceBusClient } from "@azure/service-bus";
import type { Settings } from "../shared/settings.ts";
import { appCredential } from "./credential.ts";
import { loadOnce } from "./load-once.ts";

const TRY_TIMEOUT_MS = 30_000;

/**
 * Creates the app's Service Bus client. The SDK is loaded, and the connection opened, at the first
 * use.
 */
export function createServiceBusClient(settings: Settings): () => Promise<ServiceBusClient> {
  return loadOnce(async () => {
    const { ServiceBusClient } = await import("@azure/service-bus");
    const options = { retryOptions: { maxRetries: 0, timeoutInMs: TRY_TIMEOUT_MS } };
    if (settings.ServiceBus) return new ServiceBusClient(settings.ServiceBus, options);
    return new ServiceBusClient(settings.ServiceBus__fullyQualifiedNamespace ?? "", await appCredential(), options);
  });
}
