import { request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import type { HttpRequest, HttpResponse } from "../http/server.ts";

/** Headers of one network connection. They are not forwarded. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/**
 * Forwards a request to another server, with its path and headers, even the Host header, unchanged.
 * Returns the response.
 */
export function forwardRequest(to: string, { method, url, headers, body }: HttpRequest): Promise<HttpResponse> {
  const passed = withoutHopByHop(headers);
  // No length without a body: the extension distinguishes a missing body from an empty one.
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
