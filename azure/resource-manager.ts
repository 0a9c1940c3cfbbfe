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

const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 90_000;
/** A client has some hundred operation groups; there is one for each subscription that was used last. */
const MOST_CLIENTS = 100;

/** One call each, no retry, no redirect. Every verb answers what came over the wire, errors too, and throws only when no answer came. */
export interface ResourceManager {
  /** Reads the connection. */
  getConnection(target: Target, ids: CallIds): Promise<ArmResponse>;
  /** Creates or updates the connection; `connection` is the REST body with its keys opened. */
  putConnection(target: Target, connection: unknown, ids: CallIds): Promise<ArmResponse>;
  /** Asks an operation URL of this endpoint for its status, byte for byte as the service gave it. */
  getOperation(url: string, ids: CallIds): Promise<ArmResponse>;
  /** Reads any resource of Microsoft.Network by its id. */
  getResource(id: string, ids: CallIds): Promise<ArmResponse>;
  /** Whether a URL belongs to the configured endpoint: the token goes nowhere else. */
  isOwn(url: string): boolean;
}

/** One exchange while it is under way: its ids, and the answer as soon as there is one. */
interface Exchange {
  readonly ids: CallIds;
  answer?: PipelineResponse;
}

/** Creates the client of the configured Resource Manager endpoint; the SDK is loaded when first used. */
export function createResourceManager(settings: Settings): ResourceManager {
  const exchanges = new AsyncLocalStorage<Exchange>();

  /** Loaded once: asking for a module again costs about as much as a tenth of a call. */
  const restPipeline = loadOnce(() => import("@azure/core-rest-pipeline"));

  /** One pipeline for everything, so that one token serves all calls until it expires. */
  const pipeline = loadOnce(async () => {
    const { bearerTokenAuthenticationPolicy, createPipelineFromOptions } = await restPipeline();
    const built = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    built.removePolicy({ name: "redirectPolicy" });
    built.addPolicy(bearerTokenAuthenticationPolicy({ credential: await appCredential(), scopes: settings.ARM_AUDIENCE }));
    built.addPolicy(pinApiVersion(settings.ARM_NETWORK_API_VERSION));
    built.addPolicy(recordResponse(exchanges), { afterPhase: "Sign" });
    return built;
  });

  /** One client for all reads by URL: each would open connections of its own, with a handshake for every poll. */
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
      // The SDK throws for every answer that is no success, and for bodies it cannot read; the answer itself says more.
      if (!exchange.answer) throw error;
    }
    if (!exchange.answer) throw new Error("The SDK made no call");
    const { status, headers, bodyAsText } = exchange.answer;
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
        // The poller is a thenable that would poll to the end: only its first request is wanted, polling is the orchestration's.
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

/** The SDK speaks one fixed api-version; the contract is written for another. Operation URLs carry their own, often signed, and stay untouched. */
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

/** Marks each request of an exchange as ours, and keeps its answer before the SDK makes something else of it. */
function recordResponse(exchanges: AsyncLocalStorage<Exchange>): PipelinePolicy {
  return {
    name: "witness",
    async sendRequest(request, next) {
      const exchange = exchanges.getStore();
      if (exchange) {
        request.headers.set("x-ms-correlation-request-id", exchange.ids.correlationId);
        request.headers.set("x-ms-client-request-id", exchange.ids.clientRequestId);
      }
      const answer = await next(request);
      if (exchange) exchange.answer = answer;
      return answer;
    },
  };
}
