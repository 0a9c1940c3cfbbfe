import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { eventually } from "../../support/eventually.ts";

/** A running host of the app in durable-app/. */
export interface DurableHost {
  readonly url: string;
}

/** The status of an instance, as the management API answers it. */
export interface Status {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * A durable timer fires up to this early: it is a queue message, whose delay counts in whole
 * seconds.
 */
export const EARLIEST_MS = 1_000;

export const management = "/runtime/webhooks/durabletask";

/** What the suite does to a host, over HTTP and nothing else. */
export function driverOf(host: () => DurableHost) {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${host().url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  };
  const manage = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    call(method, `${management}/${path}`, body, headers);
  const statusOf = async (id: string, query = ""): Promise<Status> => {
    const answer = await manage("GET", `instances/${id}${query}`);
    assert.ok([200, 202].includes(answer.status), `the status of ${id} is ${answer.status}`);
    return answer.json();
  };
  const start = async (name: string, input: unknown, id: string = randomUUID(), query = ""): Promise<string> => {
    // Its own body for null: an absent one would be no input.
    const answer = await manage("POST", `orchestrators/${name}/${id}${query}`, JSON.stringify(input ?? null));
    assert.equal(answer.status, 202, answer.text);
    return answer.json().id;
  };
  const isIn = (id: string, state: string) =>
    eventually(`${id} is ${state}`, async () => {
      const status = await statusOf(id);
      return status.runtimeStatus === state ? status : undefined;
    });
  const raise = async (id: string, name: string, content: unknown) =>
    assert.equal((await manage("POST", `instances/${id}/raiseEvent/${name}`, JSON.stringify(content))).status, 202);
  return {
    call,
    manage,
    statusOf,
    start,
    isIn,
    raise,
    /** Starts an orchestration and waits until it is completed; answers its output. */
    async run(name: string, input: unknown = null): Promise<unknown> {
      return (await isIn(await start(name, input), "Completed")).output;
    },
    /** Waits until an instance shows a custom status. */
    shows: (id: string, customStatus: unknown) =>
      eventually(`${id} shows ${JSON.stringify(customStatus)}`, async () => {
        const shown = (await statusOf(id)).customStatus;
        return JSON.stringify(shown) === JSON.stringify(customStatus);
      }),
    /** Calls a verb of the durable client, inside the app. */
    async client(verb: string, ...given: unknown[]): Promise<{ value?: unknown; error?: string }> {
      return (await call("POST", `/api/client/${verb}`, given)).json();
    },
    /** The state of an entity, or nothing where there is none. */
    async entity(key: string): Promise<unknown> {
      const answer = await manage("GET", `entities/counter/${key}`);
      if (answer.status === 404) return undefined;
      assert.equal(answer.status, 200);
      return answer.json();
    },
  };
}

export type Driver = ReturnType<typeof driverOf>;
