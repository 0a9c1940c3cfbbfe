import type { HttpRequest, HttpResponse } from "./http/server.ts";

/**
 * What runs the durable functions of an app: orchestrations, activities and entities. The host runs
 * all other triggers.
 */
export interface DurableEngine {
  /**
   * Starts the engine for a host that listens at `url`. It continues the work of a former process
   * and invokes the functions of the app itself. Returns the JSON of the durableClient binding.
   */
  start(url: string): Promise<string>;
  /**
   * Returns the response to a request to the management API. Returns nothing if the request is not
   * for this API.
   */
  manage(request: HttpRequest): Promise<HttpResponse> | HttpResponse | undefined;
  /** Starts nothing new, and waits until everything that runs has ended. */
  drain(): Promise<void>;
  /**
   * Stops at once and releases the store. The next engine on the same store repeats what was
   * running.
   */
  close(): void;
  /** Resolves with the reason if the engine ends unexpectedly. */
  readonly failed: Promise<string>;
}
