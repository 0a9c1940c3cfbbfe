import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Target } from "../../shared/resource-id.ts";

/** One recorded answer. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes, looked at field by field
  readonly body: any;
}

/** One line of a recording. */
interface Exchange {
  readonly request: { readonly method: string; readonly url: string; readonly body: unknown };
  readonly response: RecordedAnswer;
}

/** One recorded PUT of a connection, with all that came of it. */
export interface RecordedChange {
  readonly target: Target;
  /** Of the connection, without api-version. */
  readonly path: string;
  readonly body: { readonly properties: Readonly<Record<string, unknown>> };
  readonly put: RecordedAnswer;
  /** Path and query of the operation, byte for byte; where the recorder saw none, none. */
  readonly operation: string | undefined;
  readonly polls: readonly RecordedAnswer[];
  /**
   * The connection as it was read before, nothing where it was not there, and as it was read
   * afterwards, where anybody read it.
   */
  readonly before: object | undefined;
  readonly after: RecordedAnswer | undefined;
}

/** Everything that one session of the recorder has of connections. */
export interface Recording {
  readonly name: string;
  readonly changes: readonly RecordedChange[];
  readonly deletions: readonly RecordedAnswer[];
  readonly missing: readonly RecordedAnswer[];
}

const connection =
  /^\/subscriptions\/(?<subscriptionId>[^/]+)\/resourceGroups\/(?<resourceGroupName>[^/]+)\/providers\/Microsoft\.Network\/vpnGateways\/(?<gatewayName>[^/]+)\/vpnConnections\/(?<connectionName>[^/]+)$/i;

/**
 * Reads the sessions in a folder: lines of JSON, one exchange each. Files that have no PUT of a
 * connection are something else.
 */
export function readRecordings(directory: string): Recording[] {
  return globSync("**/*.jsonl", { cwd: directory })
    .sort()
    .map((file) => {
      const lines = readFileSync(join(directory, file), "utf8").split("\n").filter(Boolean);
      const exchanges = lines.map((line): Partial<Exchange> => JSON.parse(line)).filter((line): line is Exchange => isExchange(line));
      return recordingOf(basename(file, ".jsonl"), exchanges);
    })
    .filter(({ changes }) => changes.length > 0);
}

function isExchange({ request, response }: Partial<Exchange>): boolean {
  return typeof request?.url === "string" && response !== undefined;
}

function recordingOf(name: string, exchanges: readonly Exchange[]): Recording {
  const changes: RecordedChange[] = [];
  const known = new Map<string, object>();
  const of = (method: string, status?: number) =>
    exchanges
      .filter(
        ({ request, response }) => request.method === method && isConnection(request) && (status ?? response.status) === response.status,
      )
      .map(({ response }) => response);
  for (const [index, { request, response }] of exchanges.entries()) {
    const { pathname } = new URL(request.url);
    const key = pathname.toLowerCase();
    if (!isConnection(request)) continue;
    if (request.method === "GET" && response.status === 200) known.set(key, response.body);
    if (request.method === "GET" && response.status === 404) known.delete(key);
    if (request.method !== "PUT" || response.status >= 300) continue;
    const url = response.headers["azure-asyncoperation"];
    const operation = url === undefined ? undefined : pathAndQuery(url);
    const later = exchanges.slice(index + 1);
    const next = later.findIndex((exchange) => exchange.request.method !== "GET" && isConnection(exchange.request));
    const own = next < 0 ? later : later.slice(0, next);
    changes.push({
      target: { ...(connection.exec(pathname)?.groups as unknown as Target) },
      path: pathname,
      body: request.body as RecordedChange["body"],
      put: response,
      operation,
      polls: own.filter((exchange) => pathAndQuery(exchange.request.url) === operation).map((exchange) => exchange.response),
      before: response.status === 201 ? undefined : (known.get(key) ?? withState(response.body, "Succeeded")),
      after: own.find((exchange) => exchange.request.method === "GET" && new URL(exchange.request.url).pathname.toLowerCase() === key)
        ?.response,
    });
    known.set(key, withState(response.body, "Succeeded"));
  }
  return { name, changes, deletions: of("DELETE", 202), missing: of("GET", 404) };
}

function isConnection({ url }: { readonly url: string }): boolean {
  return connection.test(new URL(url).pathname);
}

/** Of a URL, byte for byte. */
export function pathAndQuery(url: string): string {
  return url.replace(/^https:\/\/[^/]+/, "");
}

/** A resource in another provisioning state. */
export function withState(resource: { readonly properties: object }, provisioningState: string): object {
  return { ...resource, properties: { ...resource.properties, provisioningState } };
}
