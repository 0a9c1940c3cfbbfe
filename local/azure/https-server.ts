import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { refuseForeign } from "../foreign-request.ts";
import type { ServerCertificate } from "./certificate.ts";

/** The response of an endpoint. A string body is sent as it is, everything else as JSON. */
export interface EndpointResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request with its body. */
export interface HttpsRequest {
  readonly method: string;
  /** Path and query exactly as the client sent them. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** The ways to react to a request: a response, half a response, or a broken connection. */
export interface Reply {
  send(response: EndpointResponse): void;
  /** Sends the headers and half of the body, so that the client sees the response begin. */
  sendHalf(response: EndpointResponse): Promise<void>;
  /** Breaks the connection. */
  destroy(): void;
}

/**
 * Serves one endpoint over TLS on loopback. `serve` reacts to every request. If it throws, the
 * client gets the response of `createErrorResponse`.
 */
export async function startHttps(options: {
  port: number;
  certificate: ServerCertificate;
  serve: (request: HttpsRequest, reply: Reply) => Promise<void>;
  createErrorResponse: (message: string) => EndpointResponse;
}) {
  const { port, certificate, serve, createErrorResponse } = options;
  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const reply: Reply = {
      send: (response) => void outgoing.end(writeHead(outgoing, response)),
      sendHalf(response) {
        const text = writeHead(outgoing, response);
        return new Promise((resolve) => outgoing.write(text.slice(0, text.length / 2), () => resolve()));
      },
      destroy: () => void incoming.socket.destroy(),
    };
    try {
      await serve(await read(incoming), reply);
    } catch (error) {
      if (!outgoing.headersSent && !outgoing.destroyed)
        reply.send(createErrorResponse(error instanceof Error ? error.message : String(error)));
    }
  };
  const server = createServer({ key: certificate.key, cert: certificate.cert, keepAliveTimeout: 60_000 }, refuseForeign(listener));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: `https://127.0.0.1:${taken}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}

async function read(incoming: IncomingMessage): Promise<HttpsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/", headers } = incoming;
  const { pathname, searchParams } = new URL(url, "https://127.0.0.1");
  return { method, url, path: pathname, query: searchParams, headers, text: Buffer.concat(chunks).toString("utf8") };
}

/** Sends the headers of a response. Returns the text of the body. */
function writeHead(outgoing: ServerResponse, { status, headers = {}, body }: EndpointResponse): string {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  outgoing.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  return text;
}
