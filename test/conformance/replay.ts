import { startHttpsEndpoint, type WireAnswer, type WireRequest } from "../support/https-endpoint.ts";
import { pathAndQuery, type RecordedAnswer, type RecordedChange, withState } from "./recordings.ts";

const recordedAt = /^https:\/\/[^/]+/;

/**
 * A Resource Manager that knows nothing but one recorded change at a time, and plays it: what it
 * was asked, and what went amiss.
 */
export async function startReplay() {
  let change: RecordedChange | undefined;
  let isPut = false;
  let polls = 0;

  /** What the recording shows of things that are not there. */
  const missing = (path: string): WireAnswer => ({
    status: 404,
    body: { error: { code: "NotFound", message: `Resource ${path} not found.`, details: [] } },
  });
  const endpoint = await startHttpsEndpoint((request) => (change ? answerTo(request, change) : missing(request.url)));

  function answerTo({ method, url }: WireRequest, current: RecordedChange): WireAnswer {
    const [path = ""] = url.split("?");
    if (url === current.operation) return played(current.polls[Math.min(polls++, current.polls.length - 1)] ?? current.put);
    if (path.toLowerCase() !== current.path.toLowerCase()) return missing(path);
    if (method === "PUT") {
      isPut = true;
      return played(current.put);
    }
    if (!isPut) return current.before ? { status: 200, body: current.before } : missing(path);
    if (polls < current.polls.length) return { status: 200, body: current.put.body };
    if (current.after) return played(current.after);
    return { status: 200, body: withState(current.put.body, current.polls.at(-1)?.body.status ?? "Succeeded") };
  }

  /** The recorded answer as it was, but for the host that it names. */
  function played({ status, headers, body }: RecordedAnswer): WireAnswer {
    const named = Object.entries(headers).map(([name, value]) => [name, value.replace(recordedAt, endpoint.url)]);
    // The server's own date, because an old one would make no sense of waits.
    return { status, headers: Object.fromEntries(named.filter(([name]) => name !== "date")), body };
  }

  return {
    url: endpoint.url,
    caFile: endpoint.caFile,
    close: endpoint.close,
    /** Goes to a change: what came before it in the recording, deletions too, has happened. */
    play(next: RecordedChange) {
      change = next;
      isPut = false;
      polls = 0;
      endpoint.asked.splice(0);
    },
    /** What the endpoint was asked since then: the change's own calls by name, others by path. */
    asked: (): string[] =>
      endpoint.asked.map(({ method, url }) => {
        if (url === change?.operation) return "poll";
        return pathAndQuery(url).split("?")[0]?.toLowerCase() === change?.path.toLowerCase() ? method : `${method} ${url}`;
      }),
    /** The body of the one PUT. */
    put: (): unknown => JSON.parse(endpoint.asked.find(({ method }) => method === "PUT")?.text ?? "null"),
  };
}
