import { randomUUID } from "node:crypto";
import type { ServerCertificate } from "../certificate.ts";
import { createControl } from "../control.ts";
import { createFaults, type Fault } from "../faults.ts";
import { type EndpointResponse, type HttpsRequest, type Reply, startHttps } from "../https-server.ts";
import { createStateStore, type StateStore } from "../state-store.ts";
import type { createTokens, TokenFault } from "../tokens.ts";
import { createChallenge, vaultError } from "./responses.ts";
import { createSecrets, type NewVersion } from "./secrets.ts";

const AUDIENCE = "https://vault.azure.net";
const MAX_REQUESTS_KEPT = 10_000;

/**
 * One request and the status of its response, or null if the connection was broken. Tokens and
 * values are not kept.
 */
export interface SeenVaultRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly status: number | null;
}

/** One fault of the vault: which reads it is for, how many of them, and what happens instead. */
export type VaultFault = Pick<Fault, "times" | "after" | "respond" | "reset"> & { readonly secret: string };
const faultFields = ["secret", "times", "after", "respond", "reset"];

/**
 * Serves the secrets of one vault. The control API below `/local/` sets secrets, scripts faults and
 * lists the requests.
 */
export async function startKeyVault({
  port,
  certificate,
  tokens,
  store = createStateStore(),
}: {
  port: number;
  certificate: ServerCertificate;
  tokens: ReturnType<typeof createTokens>;
  store?: StateStore;
}) {
  const secrets = createSecrets(store);
  const faults = createFaults();
  const seen: SeenVaultRequest[] = [];
  let endpoint = "";
  const control = createControl({
    faults,
    faultOf,
    seen,
    more: [
      ["PUT", /^\/local\/secrets\/([^/]+)$/, (name, text) => createAddedResponse(name, secrets.add(name, JSON.parse(text) as NewVersion))],
      ["DELETE", /^\/local\/secrets\/([^/]+)$/, (name) => ({ status: secrets.remove(name) ? 204 : 404 })],
    ],
  });
  const createAddedResponse = (name: string, version: string): EndpointResponse => ({
    status: 200,
    body: { id: `${endpoint}/secrets/${name}/${version}`, version },
  });

  async function serve(request: HttpsRequest, reply: Reply): Promise<void> {
    if (control.isControl(request)) {
      const response = control.handle(request);
      await store.committed();
      return reply.send(response);
    }
    const { method, url, path, query, text } = request;
    const { authorization, ...headers } = request.headers;
    const record = (status: number | null) => {
      seen.push({ method, url, headers: { ...headers, ...(authorization ? { authorization: "Bearer …" } : {}) }, status });
      if (seen.length > MAX_REQUESTS_KEPT) seen.shift();
    };
    const respond = (given: EndpointResponse) => {
      record(given.status);
      reply.send({ ...given, headers: { ...createStandardHeaders(headers["x-ms-client-request-id"]), ...given.headers } });
    };

    const fault = tokens.faultOf(authorization, AUDIENCE);
    if (fault) return respond(createChallenge(AUDIENCE, messageOf(fault)));
    if (!query.has("api-version")) return respond(vaultError(400, "BadParameter", "The api-version query parameter is missing."));
    const [, name = "", version = ""] = /^\/secrets\/([^/]+)(?:\/([^/]*))?$/.exec(path) ?? [];
    if ((method !== "GET" && (method !== "PUT" || version !== "")) || name === "")
      return respond(vaultError(400, "BadParameter", `The local Key Vault does not support ${method} ${path}; see local/azure/README.md.`));
    const scripted = faults.take(name, "get");
    if (scripted?.reset) {
      record(null);
      return reply.destroy();
    }
    if (scripted?.respond) return respond(scripted.respond);
    if (method === "PUT") {
      const response = secrets.set(endpoint, name, text);
      await store.committed();
      return respond(response);
    }
    respond(version === "versions" ? secrets.listVersions(endpoint, name) : secrets.get(endpoint, name, version));
  }

  const server = await startHttps({
    port,
    certificate,
    serve,
    createErrorResponse: (message) => vaultError(500, "InternalServerError", message),
  });
  endpoint = server.url;
  return server;
}

/** Converts a fault of the vault to one of Resource Manager's script. */
function faultOf({ secret, ...fault }: VaultFault): Fault {
  const unknown = Object.keys(fault).filter((field) => !faultFields.includes(field));
  if (unknown.length > 0) throw new Error(`A fault of the vault has no field ${unknown.join(", ")}; it has ${faultFields.join(", ")}.`);
  if (typeof secret !== "string") throw new Error('A fault of the vault names a secret, or "*".');
  return { ...fault, connection: secret, on: "get" };
}

/**
 * Returns the message of Key Vault for a token that Resource Manager would refuse with another
 * code.
 */
function messageOf({ code, message }: TokenFault): string {
  if (code === "AuthenticationFailed") return "AKV10000: Request is missing a Bearer or PoP token.";
  if (code === "ExpiredAuthenticationToken") return "[TokenExpired] Error validating token: 'S2S12086'.";
  const found = /'([^']*)'/.exec(message)?.[1];
  if (code === "InvalidAuthenticationTokenAudience") return `AKV10022: Invalid audience. Expected ${AUDIENCE}, found: ${found}.`;
  return "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.";
}

function createStandardHeaders(clientRequestId: string | string[] | undefined): Record<string, string> {
  return {
    "cache-control": "no-cache",
    "x-ms-request-id": randomUUID(),
    ...(typeof clientRequestId === "string" ? { "x-ms-client-request-id": clientRequestId } : {}),
    "x-ms-keyvault-region": "local",
    "x-ms-keyvault-service-version": "local",
  };
}
