import { request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import type { HttpAnswer, HttpRequest } from "../http/server.ts";

/** Headers of one connection, which are not passed on. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/**
 * Sends a request to another server. It keeps its path and its headers as they are, the Host header
 * too. Returns the response.
 */
export function forwardRequest(to: string, { method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
  const passed = withoutHopByHop(headers);
  // Without a body there is no length: the extension tells an absent body from an empty one.
  const length = body.length > 0 || "content-length" in headers ? { "content-length": body.length } : {};
  return new Promise((resolve, reject) => {
    const options = { method, path: url.pathname + url.search, headers: { ...passed, ...length } };
    const outgoing = send(to, options, (incoming) => {
      const status = incoming.statusCode ?? 502;
      buffer(incoming).then((content) => resolve({ status, headers: withoutHopByHop(incoming.headers), body: content }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function withoutHopByHop(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !hopByHop.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
