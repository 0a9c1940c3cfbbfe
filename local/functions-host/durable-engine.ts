import type { HttpAnswer, HttpRequest } from "./http/server.ts";

/**
 * What runs the durable functions of an app: orchestrations, activities and entities. The host runs
 * all other triggers.
 */
export interface DurableEngine {
  /**
   * Starts the engine for a host that listens at `url`, and continues what a former process left.
   * The engine invokes the functions of the app itself. Returns the JSON of the durableClient
   * binding.
   */
  start(url: string): Promise<string>;
  /**
   * Returns the response to a request to the management API. Returns nothing if the request is not
   * for this API.
   */
  manage(request: HttpRequest): Promise<HttpAnswer> | HttpAnswer | undefined;
  /** Starts nothing new, and lets what runs end. */
  drain(): Promise<void>;
  /**
   * Stops at once and releases the store. What was running is done again by the next engine on the
   * same store.
   */
  close(): void;
  /** Resolves with the reason if the engine ends by itself. */
  readonly failed: Promise<string>;
}
