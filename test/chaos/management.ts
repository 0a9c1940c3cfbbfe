import { setTimeout as pause } from "node:timers/promises";

/** An instance as the management API lists it. */
export interface Listed {
  readonly instanceId: string;
  readonly name: string;
  readonly customStatus: { readonly step?: string; readonly at?: string } | null;
}

/** What is settled about an instance's answer (docs/operations.md). */
export interface Claimed {
  readonly completion: { readonly event: { readonly id: string; readonly time: string } } | null;
  readonly sent: boolean;
}

const CALL_TIMEOUT_MS = 10_000;
const AWAY_FOR_MS = 60_000;

/** The durable management API of a host that may be away. */
export function managementOf(functionsHost: string) {
  const base = `${functionsHost}/runtime/webhooks/durabletask`;
  const ask = (path: string, method: string, headers: Record<string, string> = {}) =>
    fetch(`${base}/${path}`, { method, headers, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

  async function instances(query: string): Promise<Listed[]> {
    const listed: Listed[] = [];
    for (let token: string | null = ""; token !== null; ) {
      const page: Response = await ask(`instances?${query}`, "GET", token ? { "x-ms-continuation-token": token } : {});
      listed.push(...((await page.json()) as Listed[]));
      token = page.headers.get("x-ms-continuation-token");
    }
    return listed;
  }

  return {
    instances,
    /** Those that have not ended. */
    running: () => instances("runtimeStatus=Running,Pending&showInput=false"),
    /** What an instance has claimed: nothing where that cannot be seen now. */
    async claimOf(instanceId: string): Promise<Claimed> {
      const nothing = { completion: null, sent: false };
      const response = await ask(`entities/request/${instanceId}`, "GET").catch(() => undefined);
      return response?.ok ? { ...nothing, ...((await response.json()) as object) } : nothing;
    },
    /** Asks as often as it takes while the host is away. */
    async manage(path: string, method = "GET"): Promise<Response> {
      for (const giveUpAt = Date.now() + AWAY_FOR_MS; ; ) {
        try {
          return await ask(path, method);
        } catch (error) {
          if (Date.now() > giveUpAt) throw error;
          await pause(100);
        }
      }
    },
  };
}
