import type { TokenCredential } from "@azure/identity";
import { loadOnce } from "./load-once.ts";

/** The identity of the app: `DefaultAzureCredential` everywhere, loaded when first used. */
export const appCredential = loadOnce<TokenCredential>(async () => {
  const { DefaultAzureCredential } = await import("@azure/identity");
  // One retry layer: the orchestration's durable timers.
  return new DefaultAzureCredential({ retryOptions: { maxRetries: 0 } });
});
