import type { NetworkManagementClient } from "@azure/arm-network";
import type { PipelinePolicy, PipelineResponse } from "@azure/core-rest-pipeline";
import type { ArmResponse } from "../operation.ts";
import type { Target } from "../resource-id.ts";
import type { Settings } from "../settings.ts";
import { appCredential } from "./credential.ts";
import { flattened } from "./flattened.ts";

const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 90_000;

/** One call each, no retry, no redirect. Every verb answers what came over the wire, errors too, and throws only when no answer came. */
export interface ResourceManager {
  /** Reads the connection. */
  getConnection(target: Target, correlationId: string): Promise<ArmResponse>;
  /** Creates or updates the connection; `connection` is the REST body with its keys opened. */
  putConnection(target: Target, connection: unknown, correlationId: string): Promise<ArmResponse>;
  /** Asks an operation URL of this endpoint for its status, byte for byte as the service gave it. */
  getOperation(url: string, correlationId: string): Promise<ArmResponse>;
  /** Whether a URL belongs to the configured endpoint: the token goes nowhere else. */
  isOwn(url: string): boolean;
}

/** Creates the client of the configured Resource Manager endpoint; the SDK is loaded when first used. */
export function createResourceManager(settings: Settings): ResourceManager {
  /** The SDK's client belongs to one subscription, and costs less than a millisecond: one per call keeps calls apart. */
  async function exchange(
    subscriptionId: string,
    correlationId: string,
    call: (client: NetworkManagementClient) => Promise<unknown>,
  ): Promise<ArmResponse> {
    const { NetworkManagementClient } = await import("@azure/arm-network");
    const client = new NetworkManagementClient(await appCredential(), subscriptionId, {
      endpoint: settings.ARM_ENDPOINT,
      credentials: { scopes: [settings.ARM_AUDIENCE] },
      retryOptions: { maxRetries: 0 },
    });
    let answer: PipelineResponse | undefined;
    client.pipeline.removePolicy({ name: "redirectPolicy" });
    client.pipeline.addPolicy(pinApiVersion(settings.ARM_NETWORK_API_VERSION));
    client.pipeline.addPolicy(correlate(correlationId));
    client.pipeline.addPolicy(
      {
        name: "keepAnswer",
        async sendRequest(request, next) {
          answer = await next(request);
          return answer;
        },
      },
      { afterPhase: "Sign" },
    );
    try {
      await call(client);
    } catch (error) {
      // The SDK throws for every answer that is no success, and for bodies it cannot read; the answer itself says more.
      if (!answer) throw error;
    }
    if (!answer) throw new Error("The SDK made no call");
    return { status: answer.status, headers: answer.headers.toJSON(), text: answer.bodyAsText ?? "" };
  }

  return {
    getConnection: ({ subscriptionId, resourceGroupName, gatewayName, connectionName }, correlationId) =>
      exchange(subscriptionId, correlationId, (client) =>
        client.vpnConnections.get(resourceGroupName, gatewayName, connectionName, { abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) }),
      ),

    putConnection: ({ subscriptionId, resourceGroupName, gatewayName, connectionName }, connection, correlationId) =>
      exchange(subscriptionId, correlationId, async (client) => {
        const abortSignal = AbortSignal.timeout(WRITE_TIMEOUT_MS);
        const poller = client.vpnConnections.createOrUpdate(resourceGroupName, gatewayName, connectionName, flattened(connection), {
          abortSignal,
        });
        // The poller is a thenable that would poll to the end: only its first request is wanted, polling is the orchestration's.
        await poller.submitted();
      }),

    getOperation: (url, correlationId) =>
      exchange("", correlationId, async (client) => {
        const { createDefaultHttpClient, createPipelineRequest } = await import("@azure/core-rest-pipeline");
        const request = createPipelineRequest({ url, method: "GET", abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) });
        await client.pipeline.sendRequest(createDefaultHttpClient(), request);
      }),

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

function correlate(correlationId: string): PipelinePolicy {
  return {
    name: "correlate",
    sendRequest(request, next) {
      request.headers.set("x-ms-correlation-request-id", correlationId);
      return next(request);
    },
  };
}
