import { type Engine, StartError } from "../durable/engine.ts";
import type { HistoryEvent } from "../durable/events.ts";
import { hasEnded, type Instance } from "../store/instances.ts";
import type { HttpAnswer, HttpRequest } from "./server.ts";

const PAGE_SIZE = 100;
const notFound: HttpAnswer = { status: 404 };

type Handler = (engine: Engine, segments: readonly string[], request: HttpRequest, base: string) => HttpAnswer;

/**
 * The durable management API, one route a line: method, path below the base, handler. Status codes as the extension answers them
 * (https://learn.microsoft.com/en-us/azure/azure-functions/durable/durable-functions-http-api).
 */
const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ["POST", /^orchestrators\/([^/]+)(?:\/([^/]+))?$/, startInstance],
  ["GET", /^instances\/?$/, listInstances],
  ["DELETE", /^instances\/?$/, purgeInstances],
  ["GET", /^instances\/([^/]+)$/, instanceStatus],
  ["DELETE", /^instances\/([^/]+)$/, (engine, [id = ""]) => (engine.purge(id) ? { status: 200, body: { instancesDeleted: 1 } } : notFound)],
  ["POST", /^instances\/([^/]+)\/raiseEvent\/([^/]+)$/, raiseEvent],
  [
    "POST",
    /^instances\/([^/]+)\/terminate$/,
    (engine, [id = ""], { url }) => delivered(engine.terminate(id, url.searchParams.get("reason") ?? "")),
  ],
  ["POST", /^instances\/[^/]+\/(rewind|restart|suspend|resume)$/, (_engine, [verb]) => unsupported(String(verb))],
  ["POST", /^entities\/([^/]+)\/([^/]+)$/, signalEntity],
  ["GET", /^entities\/([^/]+)\/([^/]+)$/, readEntity],
  ["GET", /^entities/, () => unsupported("listing of entities")],
];

/** Answers a request whose path is below `base`. */
export function manage(engine: Engine, request: HttpRequest, base: string): HttpAnswer {
  const path = request.url.pathname.slice(base.length + 1);
  for (const [method, pattern, handler] of routes) {
    const match = method === request.method ? pattern.exec(path) : null;
    // The SDK does not encode ids; whoever does is understood too.
    if (match)
      return handler(
        engine,
        match.slice(1).map((segment) => decodeURIComponent(segment ?? "")),
        request,
        base,
      );
  }
  return notFound;
}

function startInstance(engine: Engine, [name = "", id]: readonly string[], { body, url }: HttpRequest, base: string): HttpAnswer {
  try {
    const started = engine.start(name, body.length === 0 ? "null" : jsonText(body), id || undefined);
    const status = `${url.origin}${base}/instances/${started}`;
    return { status: 202, headers: { location: status, "retry-after": "10" }, body: { id: started, statusQueryGetUri: status } };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    if (error.kind !== "running") return { status: 400, body: { Message: error.message } };
    // The extension answers a duplicate id with 500, not 409 (https://github.com/Azure/azure-functions-durable-extension, HttpApiHandler).
    return {
      status: 500,
      body: {
        Message: "Something went wrong while processing your request",
        ExceptionMessage: error.message,
        ExceptionType: "System.InvalidOperationException",
      },
    };
  }
}

function instanceStatus(engine: Engine, [id = ""]: readonly string[], { url }: HttpRequest): HttpAnswer {
  const instance = engine.instances.get(id);
  if (!instance) return notFound;
  const history =
    url.searchParams.get("showHistory") === "true"
      ? { historyEvents: shownHistory(engine.instances.history(id), url.searchParams.get("showHistoryOutput") === "true") }
      : {};
  const body = { ...shown(instance, url.searchParams), ...history };
  if (!hasEnded(instance)) return { status: 202, headers: { location: url.href, "retry-after": "5" }, body };
  return {
    status: instance.status === "Failed" && url.searchParams.get("returnInternalServerErrorOnFailure") === "true" ? 500 : 200,
    body,
  };
}

function listInstances(engine: Engine, _segments: readonly string[], { url, headers }: HttpRequest): HttpAnswer {
  const token = headers["x-ms-continuation-token"];
  const after = token ? (JSON.parse(Buffer.from(token, "base64").toString()) as { created: number; id: string }) : undefined;
  const limit = Math.min(Number(url.searchParams.get("top") ?? PAGE_SIZE), PAGE_SIZE);
  const page = engine.instances.list(filterOf(url.searchParams), limit, after);
  const last = page.at(-1);
  const more =
    last && page.length === limit
      ? { "x-ms-continuation-token": Buffer.from(JSON.stringify({ created: last.created, id: last.id })).toString("base64") }
      : {};
  return { status: 200, headers: more, body: page.map((instance) => shown(instance, url.searchParams)) };
}

function purgeInstances(engine: Engine, _segments: readonly string[], { url }: HttpRequest): HttpAnswer {
  if (!url.searchParams.has("createdTimeFrom")) return { status: 400, body: "Please provide value for 'createdTimeFrom' parameter." };
  const ended = engine.instances.list(filterOf(url.searchParams), Number.MAX_SAFE_INTEGER).filter(hasEnded);
  for (const { id } of ended) engine.purge(id);
  return ended.length > 0 ? { status: 200, body: { instancesDeleted: ended.length } } : notFound;
}

function raiseEvent(engine: Engine, [id = "", name = ""]: readonly string[], { body, headers }: HttpRequest): HttpAnswer {
  if (!/^application\/json/i.test(headers["content-type"] ?? ""))
    return { status: 400, body: { Message: "Only application/json request content is supported" } };
  if (body.length === 0) return { status: 400, body: { Message: "The event has no content; send JSON" } };
  return delivered(engine.raise(id, name, jsonText(body)));
}

function signalEntity(engine: Engine, [name = "", key = ""]: readonly string[], { url, body }: HttpRequest): HttpAnswer {
  const known = engine.signal(name, key, url.searchParams.get("op") ?? "", body.length === 0 ? null : jsonText(body));
  return known
    ? { status: 202 }
    : { status: 400, body: { Message: `The function '${name}' doesn't exist, is disabled, or is not an entity function.` } };
}

function readEntity(engine: Engine, [name = "", key = ""]: readonly string[]): HttpAnswer {
  const state = engine.entityState(name, key);
  return state === undefined ? notFound : { status: 200, headers: { "content-type": "application/json" }, body: state };
}

function delivered(outcome: "unknown" | "ended" | "delivered"): HttpAnswer {
  return { status: { unknown: 404, ended: 410, delivered: 202 }[outcome] };
}

function unsupported(what: string): HttpAnswer {
  return { status: 501, body: { Message: `The development host does not support ${what}; use \`func start\`.` } };
}

function shown(instance: Instance, query: URLSearchParams): object {
  const time = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: query.get("showInput") === "false" ? null : JSON.parse(instance.input),
    customStatus: JSON.parse(instance.customStatus ?? "null"),
    output: JSON.parse(instance.output ?? "null"),
    createdTime: time(instance.created),
    lastUpdatedTime: time(instance.updated),
  };
}

function shownHistory(history: readonly HistoryEvent[], withResults: boolean): object[] {
  return history.map(({ Result, Input, ...event }) =>
    withResults ? { ...event, ...(Result === undefined ? {} : { Result }), ...(Input === undefined ? {} : { Input }) } : event,
  );
}

function filterOf(query: URLSearchParams) {
  const time = (name: string) => (query.has(name) ? Date.parse(String(query.get(name))) : Number.NaN);
  const from = time("createdTimeFrom");
  const to = time("createdTimeTo");
  return {
    statuses: (query.get("runtimeStatus") ?? "").split(",").filter(Boolean),
    ...(Number.isNaN(from) ? {} : { createdFrom: from }),
    ...(Number.isNaN(to) ? {} : { createdTo: to }),
  };
}

function jsonText(body: Buffer): string {
  return JSON.stringify(JSON.parse(body.toString("utf8")));
}
