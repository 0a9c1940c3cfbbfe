import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "../certificate.ts";
import type { createTokens } from "../tokens.ts";
import { type Answer, armError } from "./answers.ts";
import { createDispatcher } from "./dispatch.ts";
import type { Fault } from "./faults.ts";
import type { OperationEnd } from "./operations.ts";
import type { Behaviour } from "./routes.ts";

/** One request as it came and as it was answered; `at` in milliseconds of the clock. The token is never kept. */
export interface SeenRequest {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number | null;
  readonly response: unknown;
  /** The operation that the request began: when it ends, and how. */
  readonly operation?: { readonly id: string; readonly endsAt: number; readonly status: OperationEnd["status"] };
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
  const { handle, faults } = createDispatcher({ ...behaviour, endpoint: () => endpoint });
  const seen: SeenRequest[] = [];
  let received = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const { method = "GET", url = "/" } = incoming;
    const { pathname } = new URL(url, endpoint);
    if (pathname.startsWith("/local/")) return send(outgoing, control(method, pathname, text));
    const number = ++received;

    const at = clock.now();
    const keep = (status: number | null, response: unknown, begun?: Answer["operation"]) => {
      const { authorization, ...others } = incoming.headers;
      const headers = { ...others, ...(authorization ? { authorization: `${authorization.split(" ")[0]} …` } : {}) } as Record<
        string,
        string
      >;
      const operation = begun && { id: begun.id, endsAt: begun.endsAt, status: begun.end.status };
      seen.push({ at, method, url, headers, body: parsed(text), status, response, ...(operation ? { operation } : {}) });
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
      keep(given.status, given.body, given.operation);
      send(outgoing, { ...given, headers: { ...standard, ...given.headers } });
    };

    const unauthorized = tokens.faultOf(incoming.headers.authorization, endpoint);
    if (unauthorized) {
      const challenge = `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="${unauthorized.message}"`;
      return answer(armError(401, unauthorized.code, unauthorized.message, { "www-authenticate": challenge }));
    }
    const { given, delaySeconds, reset } = handle({ method, url, text, number });
    if (delaySeconds > 0) await new Promise<void>((resolve) => clock.setTimer(clock.now() + delaySeconds * 1000, resolve));
    if (!reset) return answer(given);
    keep(reset === "before" ? null : given.status, reset === "during" ? given.body : undefined, given.operation);
    if (reset === "during") await sendHalf(outgoing, { ...given, headers: { ...standard, ...given.headers } });
    incoming.socket.destroy();
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

function send(outgoing: ServerResponse, answer: Answer): void {
  outgoing.end(begun(outgoing, answer));
}

/** Sends the head and half of the body, so that the other side sees the answer begin. */
function sendHalf(outgoing: ServerResponse, answer: Answer): Promise<void> {
  const text = begun(outgoing, answer);
  return new Promise((resolve) => outgoing.write(text.slice(0, text.length / 2), () => resolve()));
}

/** Writes the head of an answer; answers the text that is to follow. */
function begun(outgoing: ServerResponse, { status, headers = {}, body }: Answer): string {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  outgoing.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  return text;
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
