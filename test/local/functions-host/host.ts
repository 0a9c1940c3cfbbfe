import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock, type ManualClock } from "../../../local/clock.ts";
import { type App, loadApp } from "../../../local/functions-host/app/load-app.ts";
import type { Roughness } from "../../../local/functions-host/durable/roughness.ts";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/index.ts";
import { eventually } from "../../support/eventually.ts";

let app: Promise<App> | undefined;

/** The status of an instance, as the management API answers it. */
export interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly input: unknown;
  readonly historyEvents?: readonly { readonly EventType: number; readonly EventId: number }[];
}

/**
 * Runs the sample app in this process on a clock that stands still, on its own store that
 * outlives the host.
 */
export async function startSample({
  committed,
  roughness,
}: {
  committed?: () => void;
  roughness?: (clock: ManualClock) => Roughness;
} = {}) {
  app ??= loadApp(join(import.meta.dirname, "app"));
  const loaded = await app;
  const dataDirectory = mkdtempSync(join(tmpdir(), "functions-host-"));
  const clock: ManualClock = createManualClock(Date.UTC(2026, 0, 1));
  const log: string[] = [];
  const open = () =>
    startFunctionsHost({
      app: loaded,
      dataDirectory,
      port: 0,
      clock,
      settings: {},
      log: ({ message }) => log.push(message),
      roughness: roughness && (() => roughness(clock)),
      ...(committed ? { committed } : {}),
    });
  let host: FunctionsHost = await open();

  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${host.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
    };
  };
  const base = "/runtime/webhooks/durabletask";
  const statusOf = async (id: string): Promise<Status> => (await call("GET", `${base}/instances/${id}`)).body;

  return {
    clock,
    log,
    dataDirectory,
    url: () => host.url,
    call,
    base,
    statusOf,
    start: async (name: string, input: unknown, id?: string): Promise<string> =>
      (await call("POST", `${base}/orchestrators/${name}${id ? `/${id}` : ""}`, input)).body.id,
    /**
     * Waits until an instance is in a state, moving the clock to the next timer whenever nothing
     * else happens.
     */
    ends: (id: string, state = "Completed") =>
      eventually(`${id} is ${state}`, async () => {
        const status = await statusOf(id);
        if (status.runtimeStatus === state) return status;
        const [next] = clock.pending();
        if (next !== undefined) clock.advanceTo(next);
        return undefined;
      }),
    /** Ends the host as a killed process would end, and starts another one on the same store. */
    async crashAndRestart() {
      await host.crash();
      host = await open();
    },
    /** Ends the host as SIGTERM does, and starts another one on the same store. */
    async closeAndRestart() {
      await host.close();
      host = await open();
    },
    async stop() {
      await host.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
