import { setTimeout as pause } from "node:timers/promises";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";

/** What the app asks of the durable client. */
export type DurableClient = Pick<
  df.DurableClient,
  "startNew" | "getStatus" | "getStatusBy" | "readEntityState" | "raiseEvent" | "terminate" | "signalEntity"
>;

/** Waits for some milliseconds, or until the signal ends the wait. */
type Wait = (milliseconds: number, value: undefined, options: { readonly signal: AbortSignal }) => Promise<unknown>;

/** Longer than a call of a store that works, and short enough for several tries in one invocation. */
const LONGEST_CALL_MS = 25_000;

/** Returns the durable client of an invocation. Each of its calls ends within 25 seconds. */
export function durableClientOf(context: InvocationContext): DurableClient {
  return limitCallTimes(df.getClient(context));
}

/**
 * Bounds each call of a durable client. The SDK has no time-out: with a store that takes
 * connections and says nothing, a call would last longer than the invocation. A call that is given
 * up may still have happened, as with any other failure.
 */
export function limitCallTimes(client: DurableClient, wait: Wait = pause): DurableClient {
  const within = async <T>(name: string, call: Promise<T>): Promise<T> => {
    const answered = new AbortController();
    const silent = wait(LONGEST_CALL_MS, undefined, { signal: answered.signal }).then(() => {
      throw new StoreSilent(`The store did not answer ${name} within ${LONGEST_CALL_MS / 1000} s`);
    });
    try {
      return await Promise.race([call, silent]);
    } finally {
      answered.abort();
      // Whichever of the two comes last has nobody to tell.
      for (const late of [call, silent]) late.catch(() => {});
    }
  };
  return {
    startNew: (...given) => within("startNew", client.startNew(...given)),
    getStatus: (...given) => within("getStatus", client.getStatus(...given)),
    getStatusBy: (...given) => within("getStatusBy", client.getStatusBy(...given)),
    readEntityState: <T>(...given: Parameters<DurableClient["readEntityState"]>) =>
      within("readEntityState", client.readEntityState<T>(...given)),
    raiseEvent: (...given) => within("raiseEvent", client.raiseEvent(...given)),
    terminate: (...given) => within("terminate", client.terminate(...given)),
    signalEntity: (...given) => within("signalEntity", client.signalEntity(...given)),
  };
}

class StoreSilent extends Error {
  override readonly name = "StoreSilent";
}
