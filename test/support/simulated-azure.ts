import { randomUUID } from "node:crypto";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { createDispatcher } from "../../local/azure/resource-manager/dispatch.ts";
import type { ManualClock } from "../../local/clock.ts";
import type { ArmResponse } from "../../shared/arm/response.ts";
import { connectionId, type Target } from "../../shared/resource-id.ts";

const endpoint = "https://arm.simulated";
const apiVersion = "2024-03-01";

/**
 * What a call was for: `check` reads what a request names, `get` the connection before it is
 * written, `verify` after that, `settle` for somebody else's sake.
 */
export type CallKind = "check" | "get" | "put" | "poll" | "verify" | "settle";

/** One call as Resource Manager saw it; `at` in milliseconds of the clock. */
export interface Call {
  readonly at: number;
  readonly kind: CallKind;
  readonly url: string;
  /** Null where no answer came, or none that came through. */
  status: number | null;
  /** The wait that the answer asked for. */
  retryAfterSeconds: number | null;
}

/**
 * Stands between the app and Resource Manager: lets a call through (`carry`), answers in its place,
 * or throws.
 */
export type Interference = (call: Call, carry: () => ArmResponse) => ArmResponse;

/** Which kind of call an activity makes first; a PUT is told by its verb. */
const kinds: Readonly<Record<string, CallKind>> = {
  validateRequest: "check",
  planConnection: "get",
  putConnection: "get",
  pollOperation: "poll",
  verifyConnection: "verify",
  readConnectionState: "settle",
};

/**
 * Resource Manager in this process, without TLS and tokens: the simulator's rules on a clock that
 * the test moves, a record of every call, and somebody who may interfere.
 */
export function createSimulatedAzure({
  clock,
  operationSeconds = 55,
  retryAfterSeconds = 10,
  interfere = (_, carry) => carry(),
}: {
  clock: ManualClock;
  operationSeconds?: number;
  /** Null leaves the header out. */
  retryAfterSeconds?: number | null;
  interfere?: Interference;
}) {
  const dispatcher = createDispatcher({
    clock,
    endpoint: () => endpoint,
    operationSeconds,
    retryAfterSeconds: retryAfterSeconds ?? 0,
  });
  const calls: Call[] = [];
  const carried: { readonly method: string; readonly url: string; readonly status: number; readonly body: unknown }[] = [];
  let activity = "";
  /** The last call of the activity, if it made one. */
  let previous: CallKind | undefined;

  /** Lets a call reach the simulator. */
  function carry(method: string, url: string, body?: unknown): ArmResponse {
    const text = body === undefined ? "" : JSON.stringify(body);
    const path = url.startsWith(endpoint) ? url.slice(endpoint.length) : url;
    const { given } = dispatcher.handle({ method, url: path, text, number: carried.length + 1 });
    carried.push({ method, url: path, status: given.status, body });
    const { "retry-after": wait, ...others } = given.headers ?? {};
    const headers = wait === undefined || retryAfterSeconds === null ? others : { ...others, "retry-after": wait };
    return { status: given.status, headers, text: given.body === undefined ? "" : textOf(given.body) };
  }

  async function call(kind: CallKind, method: string, url: string, body?: unknown): Promise<ArmResponse> {
    const made: Call = { at: clock.now(), kind, url, status: null, retryAfterSeconds: null };
    calls.push(made);
    previous = kind;
    const answer = interfere(made, () => carry(method, url, body));
    made.status = answer.status;
    const wait = answer.headers["retry-after"];
    made.retryAfterSeconds = wait === undefined ? null : Number(wait);
    return answer;
  }
  const pathOf = (target: Target) => `${connectionId(target)}?api-version=${apiVersion}`;
  const kind = () => kinds[activity] ?? "get";
  // The activity that sees the end of the change reads the connection right after it.
  const kindOfRead = () => (previous === "put" || (previous === "poll" && activity === "pollOperation") ? "verify" : kind());

  const resourceManager: ResourceManager = {
    getConnection: (target) => call(kindOfRead(), "GET", pathOf(target)),
    putConnection: (target, connection) => call("put", "PUT", pathOf(target), connection),
    getOperation: (url) => call(kind(), "GET", url),
    getResource: (id) => call(kind(), "GET", `${id}?api-version=${apiVersion}`),
    isOwn: (url) => url.startsWith(`${endpoint}/`),
  };
  return {
    resourceManager,
    now: () => new Date(clock.now()),
    calls,
    script: dispatcher.faults,
    /** Says which activity makes the next calls. */
    playing(name: string) {
      activity = name;
      previous = undefined;
    },
    /** PUTs that Resource Manager took. */
    effectivePuts: () => carried.filter(({ method, status }) => method === "PUT" && status < 300),
    /** Calls Resource Manager past the app: nobody interferes, and nothing is recorded. */
    ask(method: string, path: string, body?: unknown): ArmResponse {
      const answer = carry(method, path, body);
      carried.pop();
      return answer;
    },
    /** The connection as a read shows it now, or nothing. */
    connection(target: Target): { readonly properties: { readonly provisioningState: string } } | undefined {
      const { status, text } = this.ask("GET", pathOf(target));
      return status === 200 ? JSON.parse(text) : undefined;
    },
    /** Has somebody else put a connection. */
    begin(target: Target, body: unknown) {
      this.ask("PUT", pathOf(target), body);
    },
    /** The same, and lets the operation end. */
    seed(target: Target, body: unknown) {
      this.begin(target, body);
      clock.advanceTo(clock.now() + operationSeconds * 1000);
    },
  };
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** An error as the socket layer throws it. */
export function networkError(code: string): Error {
  return Object.assign(new Error(`${code} ${randomUUID()}`), { code });
}
