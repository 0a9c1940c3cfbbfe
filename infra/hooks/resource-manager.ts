import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpMethods,
} from "@azure/core-rest-pipeline";
import { AzureDeveloperCliCredential, ChainedTokenCredential, DefaultAzureCredential } from "@azure/identity";

/** The answer of Resource Manager. `body` is its JSON, or null. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls Resource Manager. Returns every answer, also a refusal. */
export type ResourceManager = (method: HttpMethods, path: string, body?: object) => Promise<Answer>;

/**
 * Creates the client of the hooks. It is signed in as azd is, because azd made the resources.
 * Without azd it takes what the SDK finds: a pipeline's identity, or the Azure CLI.
 */
export function connect(environment: NodeJS.ProcessEnv): ResourceManager {
  const endpoint = new URL(environment["ARM_ENDPOINT"] || "https://management.azure.com").origin;
  const scopes = [environment["ARM_AUDIENCE"] || `${endpoint}/.default`];
  const tenant = environment["AZURE_TENANT_ID"] ? { tenantId: environment["AZURE_TENANT_ID"] } : {};
  const credential = new ChainedTokenCredential(
    new AzureDeveloperCliCredential({ ...tenant, processTimeoutInMs: 60_000 }),
    new DefaultAzureCredential(tenant),
  );
  const pipeline = createPipelineFromOptions({});
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes }));
  const client = createDefaultHttpClient();

  return async (method, path, body) => {
    const request = createPipelineRequest({
      url: `${endpoint}${path}`,
      method,
      headers: createHttpHeaders(body === undefined ? {} : { "content-type": "application/json" }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, bodyAsText } = await pipeline.sendRequest(client, request);
    return { status, body: jsonOf(bodyAsText) };
  };
}

/**
 * Returns the sentence for an answer that is no success. `what` completes "Azure does not let you
 * …", `role` names a role that may do it.
 */
export function describeRefusal({ status, body }: Answer, what: string, role: string): string {
  const { code = "", message = "" } = (body as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  const found = `${status} ${code}`.trim();
  if (status === 403) return `Azure does not let you ${what} (${found}): get the role ${role}, then run the same azd command again.`;
  return `Azure did not ${what} (${found}): ${message.split("\n")[0] || "it does not say why"}`;
}

function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text || "null");
  } catch {
    return null;
  }
}
