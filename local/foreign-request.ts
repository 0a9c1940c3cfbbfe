import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** The host names of a server on loopback. */
const OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"];
/** Values of Sec-Fetch-Site for requests that no other page has caused. */
const OWN_SITES = ["same-origin", "none"];

/**
 * Protects a server on loopback from web pages of other origins. A browser sends a POST of another
 * page's form or script without asking the server first. It also lets a page read every response if
 * the owner of the page points a host name to 127.0.0.1. Programs send no `Origin`, and the host
 * name they were given.
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

/** Returns the reason if a request must be refused, or nothing. */
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

/** Sends the refusal without reading the body, and closes the connection. */
function refuse(outgoing: ServerResponse, { status, sentence }: Refusal): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  outgoing.end(`${sentence}\n`);
}
