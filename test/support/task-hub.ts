import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { createClientBinding } from "../../local/functions-host/http/client-binding.ts";
import { type Claim, claimOperations, noClaim } from "../../shared/durable/claim.ts";

/** What the management API tells of an instance. */
export interface HubInstance {
  readonly name: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly customStatus?: unknown;
  readonly createdTime?: string;
}

/** A step of the app's log. */
export type LoggedStep = { readonly step: string } & Readonly<Record<string, unknown>>;

/**
 * A task hub without an engine: the durable client's own requests are answered from two maps, and
 * what it asks for is noted. `away` makes it refuse every request as a store does that cannot be
 * reached. An instance that is started opens its claim at once, and does nothing more.
 */
export async function startTaskHub() {
  const instances = new Map<string, HubInstance>();
  const entities = new Map<string, unknown>();
  const started: { readonly id: string; readonly name: string; readonly input: never }[] = [];
  const raised: { readonly id: string; readonly event: string; readonly input: unknown }[] = [];
  const signalled: { readonly entity: string; readonly operation: string; readonly input: unknown }[] = [];
  const queries: URLSearchParams[] = [];
  /** Paths of single instances and entities that were read. */
  const reads: string[] = [];
  const logged: LoggedStep[] = [];
  const hub = {
    away: false,
    /** Takes requests and never answers them. */
    silent: false,
    /** The instances as a listing finds them. */
    list: () => [...instances],
    /** What an instance does once it runs: its claim opens. */
    begin: (id: string, input: unknown) => openClaim(id, input),
    /** Whether a start whose answer is 202 is the one that runs: of two at once only one is. */
    runs: (_id: string, _input: unknown) => true,
  };
  const openClaim = (id: string, input: unknown) => {
    const { claimId = id, fingerprints } = input as { claimId?: string; fingerprints: readonly string[] };
    const key = `request/${claimId}`;
    entities.set(key, claimOperations.open((entities.get(key) as Claim | undefined) ?? noClaim, { fingerprints }));
  };

  type Answer = readonly [status: number, body?: unknown];
  const shown = (instanceId: string, instance: HubInstance) => ({
    instanceId,
    customStatus: null,
    output: null,
    createdTime: "2026-01-01T00:00:00Z",
    lastUpdatedTime: "2026-01-01T00:00:00Z",
    ...instance,
  });
  const routes: readonly (readonly [string, RegExp, (path: readonly string[], query: URLSearchParams, body: unknown) => Answer])[] = [
    [
      "POST",
      /^orchestrators\/([^/]+)\/([^/]+)$/,
      ([name = "", id = ""], _query, input) => {
        // As the extension does: an id that runs is refused without a name for it, one that has
        // ended is replaced.
        if (["Pending", "Running"].includes(instances.get(id)?.runtimeStatus ?? "")) return [500, { Message: "Something went wrong" }];
        started.push({ id, name, input: input as never });
        if (!hub.runs(id, input)) return [202, { id }];
        instances.set(id, { name, runtimeStatus: "Running", input });
        hub.begin(id, input);
        return [202, { id }];
      },
    ],
    [
      "GET",
      /^instances\/?$/,
      (_path, query) => {
        queries.push(query);
        const wanted = (query.get("runtimeStatus") ?? "").split(",");
        const to = Date.parse(query.get("createdTimeTo") ?? "9999-01-01");
        return [
          200,
          hub
            .list()
            .filter(([, { runtimeStatus }]) => wanted.includes(runtimeStatus))
            .map(([id, found]) => shown(id, found))
            .filter(({ createdTime }) => Date.parse(createdTime) <= to),
        ];
      },
    ],
    [
      "GET",
      /^instances\/([^/]+)$/,
      ([id = ""]) => {
        const found = instances.get(id);
        return found ? [["Pending", "Running"].includes(found.runtimeStatus) ? 202 : 200, shown(id, found)] : [404];
      },
    ],
    [
      "POST",
      /^instances\/([^/]+)\/raiseEvent\/([^/]+)$/,
      ([id = "", event = ""], _query, input) => {
        raised.push({ id, event, input });
        return [202];
      },
    ],
    [
      "POST",
      /^instances\/([^/]+)\/terminate$/,
      ([id = ""]) => {
        const found = instances.get(id);
        if (found) instances.set(id, { ...found, runtimeStatus: "Terminated" });
        return [found ? 202 : 404];
      },
    ],
    [
      "POST",
      /^entities\/([^/]+)\/([^/]+)$/,
      ([name, key], query, input) => {
        signalled.push({ entity: `${name}/${key}`, operation: query.get("op") ?? "", input });
        return [202];
      },
    ],
    [
      "GET",
      /^entities\/([^/]+)\/([^/]+)$/,
      ([name, key]) => (entities.has(`${name}/${key}`) ? [200, entities.get(`${name}/${key}`)] : [404]),
    ],
  ];

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (hub.silent) return;
    if (hub.away) return void response.writeHead(503).end();
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    const text = Buffer.concat(chunks).toString();
    if (request.method === "GET" && !/instances\/?$/.test(pathname)) reads.push(pathname.replace(/^.*?(instances|entities)/, "$1"));
    for (const [method, pattern, answer] of routes) {
      const match = method === request.method ? pattern.exec(pathname.replace(/^\/durabletask\//, "")) : null;
      if (!match) continue;
      const [status, body] = answer(match.slice(1), searchParams, text === "" ? undefined : JSON.parse(text));
      return void response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? "" : JSON.stringify(body));
    }
    response.writeHead(501).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = df.input.durableClient();

  return Object.assign(hub, {
    instances,
    entities,
    openClaim,
    started,
    raised,
    signalled,
    reads,
    /** The queries of listings. */
    queries,
    /** The steps that were logged. */
    logged,
    /** The context of an invocation of a function with a durable client. */
    context: (triggerMetadata: Readonly<Record<string, unknown>> = {}) =>
      ({
        triggerMetadata,
        options: { extraInputs: [client] },
        extraInputs: { get: () => JSON.parse(createClientBinding(url, "Hub")) },
        info: (line: string) => logged.push(JSON.parse(line)),
      }) as unknown as InvocationContext,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
