import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../local/azure/certificate.ts";

/** One request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** When it had come in whole, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What to answer; `hang` never does, `reset` ends the connection. */
export type WireAnswer = { status: number; headers?: Record<string, string>; body?: unknown } | "hang" | "reset";

/**
 * An HTTPS endpoint of nobody we know: its own certificate, for other names too, its own rules, and
 * a record of what it was asked.
 */
export async function startHttpsEndpoint(answer: (request: WireRequest, nth: number) => WireAnswer, names: readonly string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), "endpoint-"));
  const { key, cert, caFile } = await makeCertificate(directory, names);
  const asked: WireRequest[] = [];
  const server: Server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const seen = { method, url, headers, text: Buffer.concat(chunks).toString(), at: Date.now() };
      asked.push(seen);
      const given = answer(seen, asked.length);
      if (given === "hang") return;
      if (given === "reset") return request.socket.destroy();
      const body = given.body === undefined ? "" : typeof given.body === "string" ? given.body : JSON.stringify(given.body);
      response.writeHead(given.status, { "content-type": "application/json", ...given.headers });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: readFileSync(caFile, "utf8"),
    caFile,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
