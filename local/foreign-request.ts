import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** The names under which a server on loopback is reached. */
const OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"];
/** What a browser says of a request that no other page has caused. */
const OWN_SITES = ["same-origin", "none"];

/**
 * Wraps the listener of a server on loopback so that web pages of others cannot use it. A browser sends a POST of another page's form or script without
 * asking first, and lets a page read everything of a name that its owner points to 127.0.0.1. Programs send no `Origin` and the name they were given.
 */
export function refuseForeign(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    const refused = refusalOf(incoming);
    if (refused) refuse(outgoing, refused);
    else listener(incoming, outgoing);
  };
}

interface Refusal {
  readonly status: number;
  readonly sentence: string;
}

/** Returns why a request is refused, or nothing if it is not. */
function refusalOf({ headers, socket }: IncomingMessage): Refusal | undefined {
  const own = OWN_NAMES.map((name) => `${name}:${socket.localPort}`);
  const { host = "", origin, "sec-fetch-site": site } = headers;
  if (!own.includes(host.toLowerCase())) {
    return { status: 421, sentence: `This server is ${own[0]}, not "${host.slice(0, 100)}"; use that address.` };
  }
  if (origin !== undefined && !own.some((name) => [`http://${name}`, `https://${name}`].includes(origin.toLowerCase()))) {
    return { status: 403, sentence: `Requests of web pages from "${origin.slice(0, 100)}" are refused here.` };
  }
  if (site !== undefined && !OWN_SITES.includes(String(site))) {
    return { status: 403, sentence: "Requests of web pages from other sites are refused here." };
  }
  return undefined;
}

/** Sends the refusal without reading the body; the connection ends with it. */
function refuse(outgoing: ServerResponse, { status, sentence }: Refusal): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  outgoing.end(`${sentence}\n`);
}
