import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "../certificate.ts";
import type { createTokens } from "../tokens.ts";
import { type Answer, type ArmRequest, armError } from "./answers.ts";
import { createFaults, type Fault } from "./faults.ts";
import { type Behaviour, createRoutes } from "./routes.ts";

/** One request as it came and as it was answered; `at` in milliseconds of the clock. The token is never kept. */
export interface SeenRequest {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number | null;
  readonly response: unknown;
}

const MAX_REQUESTS_KEPT = 50_000;

/** Serves Resource Manager, and below `/local/` the control API that scripts its faults and tells what it received. */
export async function startResourceManager(options: {
  port: number;
  certificate: ServerCertificate;
  tokens: ReturnType<typeof createTokens>;
  behaviour: Omit<Behaviour, "endpoint">;
}) {
  const { port, certificate, tokens, behaviour } = options;
  const { clock } = behaviour;
  let endpoint = "";
  const { routes, connectionOf } = createRoutes({ ...behaviour, endpoint: () => endpoint });
  const faults = createFaults();
  const seen: SeenRequest[] = [];

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const { method = "GET", url = "/" } = incoming;
    const { pathname, searchParams } = new URL(url, endpoint);
    if (pathname.startsWith("/local/")) return send(outgoing, control(method, pathname, text));

    const at = clock.now();
    const keep = (status: number | null, response: unknown) => {
      const { authorization, ...others } = incoming.headers;
      const headers = { ...others, ...(authorization ? { authorization: `${authorization.split(" ")[0]} …` } : {}) } as Record<
        string,
        string
      >;
      seen.push({ at, method, url, headers, body: parsed(text), status, response });
      if (seen.length > MAX_REQUESTS_KEPT) seen.shift();
    };
    const standard = {
      "x-ms-request-id": randomUUID(),
      "x-ms-correlation-request-id": String(incoming.headers["x-ms-correlation-request-id"] ?? randomUUID()),
      ...(method === "GET"
        ? { "x-ms-ratelimit-remaining-subscription-reads": "11999" }
        : { "x-ms-ratelimit-remaining-subscription-writes": "1199" }),
    };
    const answer = (given: Answer) => {
      keep(given.status, given.body);
      send(outgoing, { ...given, headers: { ...standard, ...given.headers } });
    };

    const unauthorized = tokens.faultOf(incoming.headers.authorization, endpoint);
    if (unauthorized) {
      const challenge = `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="${unauthorized.message}"`;
      return answer(armError(401, unauthorized.code, unauthorized.message, { "www-authenticate": challenge }));
    }
    const apiVersion = searchParams.get("api-version");
    if (apiVersion === null)
      return answer(
        armError(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
      );
    if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion))
      return answer(armError(400, "InvalidApiVersionParameter", `The api-version '${apiVersion}' is invalid.`));
    const route = routes.find((known) => known.method === method && known.path.test(pathname));
    if (!route)
      return answer(
        armError(
          404,
          "InvalidResourceType",
          `The local Resource Manager does not support ${method} ${pathname}; see local/azure/README.md.`,
        ),
      );

    const names = Object.fromEntries(
      Object.entries(route.path.exec(pathname)?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value ?? "")]),
    );
    const request: ArmRequest = { method, url, apiVersion, names, text };
    const fault = route.fault ? faults.take(connectionOf(request), route.fault) : undefined;
    if (fault?.reset === "before") {
      keep(null, undefined);
      return void incoming.socket.destroy();
    }
    const given = fault?.respond ?? withHeaders(route.handle(request, fault), fault, endpoint);
    if (fault?.delaySeconds) await new Promise<void>((resolve) => clock.setTimer(clock.now() + (fault.delaySeconds ?? 0) * 1000, resolve));
    if (fault?.reset === "after") {
      keep(given.status, undefined);
      return void incoming.socket.destroy();
    }
    answer(given);
  }

  function control(method: string, path: string, text: string): Answer {
    if (method === "POST" && path === "/local/faults") {
      try {
        const script = JSON.parse(text) as Fault | Fault[];
        for (const fault of Array.isArray(script) ? script : [script]) faults.add(fault);
        return { status: 204 };
      } catch (error) {
        return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
      }
    }
    if (method === "DELETE" && path === "/local/faults") {
      faults.clear();
      return { status: 204 };
    }
    if (method === "GET" && path === "/local/requests") return { status: 200, body: seen };
    return { status: 404, body: { message: "The control API has POST and DELETE /local/faults and GET /local/requests." } };
  }

  const server = createServer({ key: certificate.key, cert: certificate.cert, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent || outgoing.destroyed) return;
      send(outgoing, armError(500, "InternalServerError", error instanceof Error ? error.message : String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  endpoint = `https://127.0.0.1:${taken}`;
  return {
    port: taken,
    url: endpoint,
    close: () => new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}

function withHeaders(answer: Answer, fault: Fault | undefined, endpoint: string): Answer {
  if (!fault?.headers) return answer;
  const changed = Object.entries({ ...answer.headers, ...fault.headers }).filter(([, value]) => value !== null);
  return {
    ...answer,
    headers: Object.fromEntries(changed.map(([name, value]) => [name, String(value).replaceAll("{endpoint}", endpoint)])),
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

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
