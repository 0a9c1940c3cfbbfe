import { AsyncLocalStorage } from "node:async_hooks";
import type { NetworkManagementClient } from "@azure/arm-network";
import type { PipelinePolicy, PipelineResponse } from "@azure/core-rest-pipeline";
import type { ArmResponse } from "../shared/arm/response.ts";
import type { Target } from "../shared/resource-id.ts";
import type { Settings } from "../shared/settings.ts";
import type { CallIds } from "./call-ids.ts";
import { appCredential } from "./credential.ts";
import { flattenConnection } from "./flatten-connection.ts";
import { loadOnce } from "./load-once.ts";
import { traceCall } from "./trace-call.ts";
import type { Tracing } from "./tracing.ts";

const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 90_000;
/**
 * How many clients are kept. There is one for each subscription, and each has about a hundred
 * operation groups.
 */
const MOST_CLIENTS = 100;

/**
 * The calls of Resource Manager. Each makes one HTTP request, without retries or redirects. It
 * returns the response, error responses too, and throws only if there was no response.
 */
export interface ResourceManager {
  /** Reads the connection. */
  getConnection(target: Target, ids: CallIds): Promise<ArmResponse>;
  /** Creates or updates the connection. `connection` is the REST body with its keys in clear. */
  putConnection(target: Target, connection: unknown, ids: CallIds): Promise<ArmResponse>;
  /**
   * Reads the status of an operation. The URL must be exactly as Azure gave it, and belong to this
   * endpoint.
   */
  getOperation(url: string, ids: CallIds): Promise<ArmResponse>;
  /** Reads any resource of Microsoft.Network by its id. */
  getResource(id: string, ids: CallIds): Promise<ArmResponse>;
  /** Returns true if a URL belongs to the configured endpoint. No other one may get the token. */
  isOwn(url: string): boolean;
}

/** A call in progress: its ids, and its response once there is one. */
interface Exchange {
  readonly ids: CallIds;
  response?: PipelineResponse;
}

/**
 * Creates the client of the configured Resource Manager endpoint. The SDK is loaded at the first
 * call.
 */
export function createResourceManager(settings: Settings, tracing?: Tracing): ResourceManager {
  const exchanges = new AsyncLocalStorage<Exchange>();

  /** It is loaded once, because a repeated `import()` costs about a tenth of a call. */
  const restPipeline = loadOnce(() => import("@azure/core-rest-pipeline"));

  /** All calls share one pipeline, so that they share one token until it expires. */
  const pipeline = loadOnce(async () => {
    const { bearerTokenAuthenticationPolicy, createPipelineFromOptions } = await restPipeline();
    const built = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    built.removePolicy({ name: "redirectPolicy" });
    built.addPolicy(bearerTokenAuthenticationPolicy({ credential: await appCredential(), scopes: settings.ARM_AUDIENCE }));
    built.addPolicy(pinApiVersion(settings.ARM_NETWORK_API_VERSION));
    built.addPolicy(recordResponse(exchanges, tracing), { afterPhase: "Sign" });
    return built;
  });

  /**
   * All reads by URL share one HTTP client, so that a poll needs no new connection and TLS
   * handshake.
   */
  const httpClient = loadOnce(async () => (await restPipeline()).createDefaultHttpClient());

  const clients = new Map<string, Promise<NetworkManagementClient>>();
  const clientOf = (subscriptionId: string) => {
    const known = clients.get(subscriptionId);
    if (known) return known;
    if (clients.size >= MOST_CLIENTS) clients.clear();
    const created = createClient(subscriptionId);
    clients.set(subscriptionId, created);
    created.catch(() => clients.delete(subscriptionId));
    return created;
  };
  const createClient = async (subscriptionId: string) => {
    const { NetworkManagementClient } = await import("@azure/arm-network");
    return new NetworkManagementClient(await appCredential(), subscriptionId, {
      endpoint: settings.ARM_ENDPOINT,
      pipeline: await pipeline(),
    });
  };

  async function callSdk(ids: CallIds, call: () => Promise<unknown>): Promise<ArmResponse> {
    const exchange: Exchange = { ids };
    try {
      await exchanges.run(exchange, call);
    } catch (error) {
      // The SDK throws for error responses, and for bodies that it cannot read. The recorded
      // response contains more than the SDK's error.
      if (!exchange.response) throw error;
    }
    if (!exchange.response) throw new Error("The SDK made no call");
    const { status, headers, bodyAsText } = exchange.response;
    return { status, headers: headers.toJSON(), text: bodyAsText ?? "" };
  }

  const read = (url: string, ids: CallIds) =>
    callSdk(ids, async () => {
      const { createPipelineRequest } = await restPipeline();
      const request = createPipelineRequest({ url, method: "GET", abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) });
      await (await pipeline()).sendRequest(await httpClient(), request);
    });

  return {
    getConnection: ({ subscriptionId, resourceGroupName, gatewayName, connectionName }, ids) =>
      callSdk(ids, async () => {
        const { vpnConnections } = await clientOf(subscriptionId);
        await vpnConnections.get(resourceGroupName, gatewayName, connectionName, { abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) });
      }),

    putConnection: ({ subscriptionId, resourceGroupName, gatewayName, connectionName }, connection, ids) =>
      callSdk(ids, async () => {
        const { vpnConnections } = await clientOf(subscriptionId);
        const options = { abortSignal: AbortSignal.timeout(WRITE_TIMEOUT_MS) };
        const poller = vpnConnections.createOrUpdate(
          resourceGroupName,
          gatewayName,
          connectionName,
          flattenConnection(connection),
          options,
        );
        // Awaiting the poller itself would poll to the end. Only its first request is needed,
        // because the orchestration polls.
        await poller.submitted();
      }),

    getOperation: (url, ids) => read(url, ids),

    getResource: (id, ids) => {
      const url = new URL(id.split("/").map(encodeURIComponent).join("/"), settings.ARM_ENDPOINT);
      url.searchParams.set("api-version", settings.ARM_NETWORK_API_VERSION);
      return read(url.href, ids);
    },

    isOwn: (url) => URL.canParse(url) && new URL(url).origin === settings.ARM_ENDPOINT,
  };
}

/**
 * Sets the contract's api-version on calls of connections: the SDK has another, fixed one.
 * Operation URLs have their own and are often signed, so they stay unchanged.
 */
function pinApiVersion(apiVersion: string): PipelinePolicy {
  return {
    name: "pinApiVersion",
    sendRequest(request, next) {
      const url = new URL(request.url);
      if (/\/vpnConnections\/[^/]+$/i.test(url.pathname)) {
        url.searchParams.set("api-version", apiVersion);
        request.url = url.href;
      }
      return next(request);
    },
  };
}

/**
 * Adds the app's ids to each request, keeps the raw response before the SDK converts it, and
 * records the call as a span.
 */
function recordResponse(exchanges: AsyncLocalStorage<Exchange>, tracing: Tracing | undefined): PipelinePolicy {
  return {
    name: "witness",
    async sendRequest(request, next) {
      const exchange = exchanges.getStore();
      if (!exchange) return next(request);
      request.headers.set("x-ms-correlation-request-id", exchange.ids.correlationId);
      request.headers.set("x-ms-client-request-id", exchange.ids.clientRequestId);
      const send = () => next(request);
      exchange.response = await (tracing ? traceCall(tracing, request, exchange.ids, send) : send());
      return exchange.response;
    },
  };
}
