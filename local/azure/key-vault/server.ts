import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "../certificate.ts";
import type { Answer } from "../resource-manager/answers.ts";
import { createFaults, type Fault } from "../resource-manager/faults.ts";
import type { createTokens, TokenFault } from "../tokens.ts";
import { challenged, vaultError } from "./answers.ts";
import { createSecrets, type NewVersion } from "./secrets.ts";

const AUDIENCE = "https://vault.azure.net";
const MAX_REQUESTS_KEPT = 10_000;

/** One request as it came and what status it was answered with, null where the connection was broken. Neither tokens nor values are kept. */
export interface SeenVaultRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly status: number | null;
}

/** One fault of the vault: which reads it is for, how often, and what happens instead. */
export type VaultFault = Pick<Fault, "times" | "after" | "respond" | "reset"> & { readonly secret: string };
const faultFields = ["secret", "times", "after", "respond", "reset"];

/** Serves the secrets of one vault, and below `/local/` the control API that sets them, scripts faults and tells what came in. */
export async function startKeyVault({
  port,
  certificate,
  tokens,
}: {
  port: number;
  certificate: ServerCertificate;
  tokens: ReturnType<typeof createTokens>;
}) {
  const secrets = createSecrets();
  const faults = createFaults();
  const seen: SeenVaultRequest[] = [];
  let endpoint = "";

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "GET", url = "/" } = incoming;
    const { pathname, searchParams } = new URL(url, endpoint);
    if (pathname.startsWith("/local/")) return send(outgoing, control(method, pathname, Buffer.concat(chunks).toString()));

    const { authorization, ...headers } = incoming.headers;
    const keep = (status: number | null) => {
      seen.push({ method, url, headers: { ...headers, ...(authorization ? { authorization: "Bearer …" } : {}) }, status });
      if (seen.length > MAX_REQUESTS_KEPT) seen.shift();
    };
    const answer = (given: Answer) => {
      keep(given.status);
      send(outgoing, { ...given, headers: { ...standardHeaders(headers["x-ms-client-request-id"]), ...given.headers } });
    };

    const fault = tokens.faultOf(authorization, AUDIENCE);
    if (fault) return answer(challenged(AUDIENCE, said(fault)));
    if (!searchParams.has("api-version")) return answer(vaultError(400, "BadParameter", "The api-version query parameter is missing."));
    const [, name = "", version = ""] = /^\/secrets\/([^/]+)(?:\/([^/]*))?$/.exec(pathname) ?? [];
    if (method !== "GET" || name === "")
      return answer(
        vaultError(400, "BadParameter", `The local Key Vault does not support ${method} ${pathname}; see local/azure/README.md.`),
      );
    const scripted = faults.take(name, "get");
    if (scripted?.reset) {
      keep(null);
      return void incoming.socket.destroy();
    }
    answer(scripted?.respond ?? secrets.get(endpoint, name, version));
  }

  function control(method: string, path: string, text: string): Answer {
    const name = /^\/local\/secrets\/([^/]+)$/.exec(path)?.[1];
    try {
      if (name && method === "PUT") {
        const version = secrets.add(name, JSON.parse(text) as NewVersion);
        return { status: 200, body: { id: `${endpoint}/secrets/${name}/${version}`, version } };
      }
      if (name && method === "DELETE") return { status: secrets.remove(name) ? 204 : 404 };
      if (path === "/local/faults" && method === "POST") {
        const script = JSON.parse(text) as VaultFault | VaultFault[];
        for (const fault of Array.isArray(script) ? script : [script]) faults.add(faultOf(fault));
        return { status: 204 };
      }
    } catch (error) {
      return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
    }
    if (path === "/local/faults" && method === "DELETE") {
      faults.clear();
      return { status: 204 };
    }
    if (path === "/local/requests" && method === "GET") return { status: 200, body: seen };
    const has = "PUT and DELETE /local/secrets/<name>, POST and DELETE /local/faults and GET /local/requests";
    return { status: 404, body: { message: `The control API has ${has}.` } };
  }

  const server = createServer({ key: certificate.key, cert: certificate.cert, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent || outgoing.destroyed) return;
      send(outgoing, vaultError(500, "InternalServerError", error instanceof Error ? error.message : String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: endpoint,
    close: () => new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}

/** The same script as Resource Manager's, in the words of a vault. */
function faultOf({ secret, ...fault }: VaultFault): Fault {
  const unknown = Object.keys(fault).filter((field) => !faultFields.includes(field));
  if (unknown.length > 0) throw new Error(`A fault of the vault has no field ${unknown.join(", ")}; it has ${faultFields.join(", ")}.`);
  if (typeof secret !== "string") throw new Error('A fault of the vault names a secret, or "*".');
  return { ...fault, connection: secret, on: "get" };
}

/** What Key Vault says of a token that Resource Manager would refuse with another code. */
function said({ code, message }: TokenFault): string {
  if (code === "AuthenticationFailed") return "AKV10000: Request is missing a Bearer or PoP token.";
  if (code === "ExpiredAuthenticationToken") return "[TokenExpired] Error validating token: 'S2S12086'.";
  const found = /'([^']*)'/.exec(message)?.[1];
  if (code === "InvalidAuthenticationTokenAudience") return `AKV10022: Invalid audience. Expected ${AUDIENCE}, found: ${found}.`;
  return "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.";
}

function standardHeaders(clientRequestId: string | string[] | undefined): Record<string, string> {
  return {
    "cache-control": "no-cache",
    "x-ms-request-id": randomUUID(),
    ...(typeof clientRequestId === "string" ? { "x-ms-client-request-id": clientRequestId } : {}),
    "x-ms-keyvault-region": "local",
    "x-ms-keyvault-service-version": "local",
  };
}

function send(outgoing: ServerResponse, { status, headers = {}, body }: Answer): void {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  outgoing.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  outgoing.end(text);
}
