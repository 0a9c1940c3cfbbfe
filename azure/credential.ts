import type { TokenCredential } from "@azure/identity";
import { loadOnce } from "./load-once.ts";

/**
 * Returns the identity of the app, a `DefaultAzureCredential`. The SDK is loaded at the first call.
 */
export const appCredential = loadOnce<TokenCredential>(async () => {
  const { DefaultAzureCredential } = await import("@azure/identity");
  // The orchestration retries, with durable timers. There is no second layer of retries.
  return new DefaultAzureCredential({ retryOptions: { maxRetries: 0 } });
});
