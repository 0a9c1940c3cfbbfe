import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refuseForeign } from "../../foreign-request.ts";

/** A request with its body. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

/**
 * Listens on loopback and sends the responses of `handle`. If `handle` throws, the response is a
 * 500 with the message. Rejects with one sentence if the port is in use.
 */
export async function listen(port: number, handle: (request: HttpRequest) => Promise<HttpResponse> | HttpResponse) {
  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    try {
      write(outgoing, await respondTo(incoming));
    } catch (error) {
      // A function may return an invalid response, for example a status of 1000 or a header with a
      // line break.
      write(outgoing, { status: 500, body: { Message: error instanceof Error ? error.message : String(error) } });
    }
  };
  const server = createServer(refuseForeign(listener));
  const respondTo = async (incoming: IncomingMessage) => {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = await readBody(incoming);
    return handle({ method: incoming.method ?? "GET", url: new URL(`${url}${incoming.url ?? "/"}`), headers, body });
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${port} is in use; choose another one with --port.`) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${taken}`;
  return {
    port: taken,
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads a body by events, which costs a fraction of an asynchronous iteration. */
function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    incoming.on("error", reject);
  });
}

function write(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  const raw = Buffer.isBuffer(body) || typeof body === "string" || body === undefined;
  outgoing.writeHead(status, { ...(raw ? {} : { "content-type": "application/json" }), ...headers });
  outgoing.end(raw ? body : JSON.stringify(body));
}
