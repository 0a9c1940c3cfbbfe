import { type Engine, StartError } from "../durable/engine.ts";
import { hasEnded, type Instance } from "../store/instances.ts";
import { unsupportedError } from "../unsupported-error.ts";
import { isRun, type Versions } from "../versions.ts";
import { createManagementUrls } from "./client-binding.ts";
import { formatHistory } from "./format-history.ts";
import type { HttpRequest, HttpResponse } from "./server.ts";

const PAGE_SIZE = 100;
const notFoundResponse: HttpResponse = { status: 404 };
const malformedResponse = (what: string): HttpResponse => ({ status: 400, body: { Message: `The ${what} is malformed` } });
const noJsonResponse: HttpResponse = { status: 400, body: { Message: "Invalid JSON content" } };

/** What the API manages: an engine, under the name of its task hub. */
export interface ManagementTarget {
  readonly engine: Engine;
  readonly hubName: string;
  readonly versions: Versions;
}

type Handler = (target: ManagementTarget, segments: readonly string[], request: HttpRequest) => HttpResponse;

/**
 * The durable management API, one route in a line: method, path below the base, handler. The status
 * codes are those of the extension
 * (https://learn.microsoft.com/en-us/azure/azure-functions/durable/durable-functions-http-api and
 * https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs).
 */
const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ["POST", /^orchestrators\/([^/]+)(?:\/([^/]+))?$/, startInstance],
  ["GET", /^instances\/?$/, listInstances],
  ["DELETE", /^instances\/?$/, purgeInstances],
  ["GET", /^instances\/([^/]+)$/, getStatus],
  ["DELETE", /^instances\/([^/]+)$/, purgeInstance],
  ["POST", /^instances\/([^/]+)\/raiseEvent\/([^/]+)$/, raiseEvent],
  [
    "POST",
    /^instances\/([^/]+)\/terminate$/,
    ({ engine }, [id = ""], { url }) => deliveryResponse(engine.terminate(id, url.searchParams.get("reason") ?? "")),
  ],
  ["POST", /^instances\/[^/]+\/(rewind|restart|suspend|resume)$/, (_target, [verb]) => unsupportedResponse(String(verb))],
  ["POST", /^entities\/([^/]+)\/([^/]+)$/, signalEntity],
  ["GET", /^entities\/([^/]+)\/([^/]+)$/, readEntity],
  ["GET", /^entities/, () => unsupportedResponse("listing of entities")],
  ["DELETE", /^entities\//, () => unsupportedResponse("deleting entities from outside")],
];

/** Returns the response to a request whose path is below `base`. */
export function handleManagement(target: ManagementTarget, request: HttpRequest, base: string): HttpResponse {
  const path = request.url.pathname.slice(base.length + 1);
  for (const [method, pattern, handler] of routes) {
    const match = method === request.method ? pattern.exec(path) : null;
    // The SDK does not encode ids. Other clients may, so they are decoded here.
    const segments = match?.slice(1).map((segment) => decodeSegment(segment ?? ""));
    if (segments?.includes(undefined)) return malformedResponse("path");
    if (segments) return handler(target, segments as string[], request);
  }
  return notFoundResponse;
}

function startInstance(
  { engine, hubName, versions }: ManagementTarget,
  [name = "", id]: readonly string[],
  { body, url }: HttpRequest,
): HttpResponse {
  if (url.searchParams.has("timeout")) return unsupportedResponse("a start that waits for the end");
  const input = body.length === 0 ? "null" : compactJson(body);
  // The extension parses a start outside the code that handles bad JSON.
  if (input === undefined) return { status: 500, body: { Message: "Something went wrong while processing your request" } };
  const version = url.searchParams.get("version") ?? versions.default;
  if (!isRun(version, versions))
    return unsupportedResponse(`a start of version ${version}, which an app of version "${versions.default}" does not run`);
  try {
    const started = engine.start(name, input, id || undefined, version);
    const urls = createManagementUrls(url.origin, hubName, encodeURIComponent(started));
    return { status: 202, headers: { location: urls.statusQueryGetUri, "retry-after": "10" }, body: { ...urls, id: started } };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { status: error.kind === "running" ? 409 : 400, body: { Message: error.message } };
  }
}

function getStatus({ engine }: ManagementTarget, [id = ""]: readonly string[], { url }: HttpRequest): HttpResponse {
  const instance = engine.instances.get(id);
  if (!instance) return notFoundResponse;
  const isTrue = (name: string) => url.searchParams.get(name) === "true";
  const show = { inputs: url.searchParams.get("showInput") !== "false", results: isTrue("showHistoryOutput") };
  const history = isTrue("showHistory") ? { historyEvents: formatHistory(engine.instances.history(id), show) } : {};
  const body = { ...formatInstance(instance, url.searchParams), ...history };
  if (!hasEnded(instance)) return { status: 202, headers: { location: url.href, "retry-after": "5" }, body };
  return { status: instance.status === "Failed" && isTrue("returnInternalServerErrorOnFailure") ? 500 : 200, body };
}

function listInstances({ engine }: ManagementTarget, _segments: readonly string[], { url, headers }: HttpRequest): HttpResponse {
  if (url.searchParams.has("instanceIdPrefix")) return unsupportedResponse("instanceIdPrefix");
  const token = headers["x-ms-continuation-token"];
  const after = token ? placeOf(token) : undefined;
  if (token && !after) return malformedResponse("continuation token");
  const limit = Math.min(Math.trunc(Number(url.searchParams.get("top"))) || PAGE_SIZE, PAGE_SIZE);
  const page = engine.instances.list(filterOf(url.searchParams), limit, after);
  const last = page.at(-1);
  const more =
    last && page.length === limit
      ? { "x-ms-continuation-token": Buffer.from(JSON.stringify({ created: last.created, id: last.id })).toString("base64") }
      : {};
  return { status: 200, headers: more, body: page.map((instance) => formatInstance(instance, url.searchParams)) };
}

function purgeInstance({ engine }: ManagementTarget, [id = ""]: readonly string[]): HttpResponse {
  const outcome = engine.purge(id);
  if (outcome === "unknown") return notFoundResponse;
  if (outcome === "purged") return { status: 200, body: { instancesDeleted: 1 } };
  return { status: 412, body: { Message: `Only orchestrations in a terminal state can be purged; ${id} is not` } };
}

function purgeInstances({ engine }: ManagementTarget, _segments: readonly string[], { url }: HttpRequest): HttpResponse {
  // A time that cannot be read is an error. Without a limit the call would purge everything.
  if (Number.isNaN(Date.parse(url.searchParams.get("createdTimeFrom") ?? "")))
    return { status: 400, body: "Please provide value for 'createdTimeFrom' parameter." };
  const ended = engine.instances.list(filterOf(url.searchParams), Number.MAX_SAFE_INTEGER).filter(hasEnded);
  for (const { id } of ended) engine.purge(id);
  return ended.length > 0 ? { status: 200, body: { instancesDeleted: ended.length } } : notFoundResponse;
}

function raiseEvent({ engine }: ManagementTarget, [id = "", name = ""]: readonly string[], { body, headers }: HttpRequest): HttpResponse {
  // The extension checks the instance before it checks the body.
  const instance = engine.instances.get(id);
  if (!instance || hasEnded(instance)) return deliveryResponse(instance ? "ended" : "unknown");
  if (!/^application\/json/i.test(headers["content-type"] ?? ""))
    return { status: 400, body: { Message: "Only application/json request content is supported" } };
  const content = compactJson(body);
  return content === undefined ? noJsonResponse : deliveryResponse(engine.raise(id, name, content));
}

function signalEntity(
  { engine }: ManagementTarget,
  [name = "", key = ""]: readonly string[],
  { url, body, headers }: HttpRequest,
): HttpResponse {
  const isJson = /^application\/json/i.test(headers["content-type"] ?? "");
  const content = isJson ? compactJson(body) : JSON.stringify(body.toString("utf8"));
  const input = body.length === 0 ? null : content;
  if (input === undefined) return noJsonResponse;
  return engine.signal(name, key, url.searchParams.get("op") ?? "", input)
    ? { status: 202 }
    : { status: 400, body: { Message: `The function '${name}' doesn't exist, is disabled, or is not an entity function.` } };
}

function readEntity({ engine }: ManagementTarget, [name = "", key = ""]: readonly string[]): HttpResponse {
  const state = engine.entityState(name, key);
  return state === undefined ? notFoundResponse : { status: 200, headers: { "content-type": "application/json" }, body: state };
}

function deliveryResponse(outcome: "unknown" | "ended" | "delivered"): HttpResponse {
  return { status: { unknown: 404, ended: 410, delivered: 202 }[outcome] };
}

function unsupportedResponse(what: string): HttpResponse {
  return { status: 501, body: { Message: unsupportedError(what).message } };
}

function formatInstance(instance: Instance, query: URLSearchParams): object {
  const formatTime = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: query.get("showInput") === "false" ? null : JSON.parse(instance.input),
    customStatus: JSON.parse(instance.customStatus ?? "null"),
    output: JSON.parse(instance.output ?? "null"),
    createdTime: formatTime(instance.created),
    lastUpdatedTime: formatTime(instance.updated),
  };
}

function filterOf(query: URLSearchParams) {
  const readTime = (name: string) => (query.has(name) ? Date.parse(String(query.get(name))) : Number.NaN);
  const from = readTime("createdTimeFrom");
  const to = readTime("createdTimeTo");
  return {
    statuses: (query.get("runtimeStatus") ?? "").split(",").filter(Boolean),
    ...(Number.isNaN(from) ? {} : { createdFrom: from }),
    ...(Number.isNaN(to) ? {} : { createdTo: to }),
  };
}

/** Decodes a segment of a path. Returns nothing if it is malformed. */
function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * Returns the last instance of the page that a continuation token belongs to, or nothing if it is
 * not one of our tokens.
 */
function placeOf(token: string): { created: number; id: string } | undefined {
  try {
    const { created, id } = JSON.parse(Buffer.from(token, "base64").toString()) as { created: unknown; id: unknown };
    return typeof created === "number" && typeof id === "string" ? { created, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the body as JSON text without white space, or nothing if it is no JSON. */
function compactJson(body: Buffer): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body.toString("utf8")));
  } catch {
    return undefined;
  }
}
