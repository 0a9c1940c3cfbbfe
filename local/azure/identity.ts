import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refuseForeign } from "../foreign-request.ts";
import type { createTokens } from "./tokens.ts";

/**
 * Starts the token endpoint of a managed identity, as App Service has it for its apps: plain HTTP,
 * protected by a header
 * (https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference).
 */
export async function startIdentity(tokens: ReturnType<typeof createTokens>) {
  const header = randomBytes(16).toString("hex");
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const { searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
    const respond = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    const refuse = (status: number, message: string) => respond(status, { statusCode: status, message });
    if (request.headers["x-identity-header"] !== header) return refuse(401, "The X-IDENTITY-HEADER is missing or wrong.");
    if (query.get("api-version") !== "2019-08-01") return refuse(400, "The local identity endpoint speaks api-version 2019-08-01 only.");
    const resource = query.get("resource");
    if (!resource) return refuse(400, "The query parameter 'resource' is missing.");
    const { token, expiresOn } = tokens.issue(resource);
    respond(200, {
      access_token: token,
      expires_on: String(expiresOn),
      resource,
      token_type: "Bearer",
      client_id: query.get("client_id") ?? "local",
    });
  };
  const server = createServer(refuseForeign(listener));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
    header,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())).finally(() => server.closeAllConnections()),
  };
}
