import { setTimeout as pause } from "node:timers/promises";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";

/** The calls of the durable client that the app makes. */
export type DurableClient = Pick<
  df.DurableClient,
  "startNew" | "getStatus" | "getStatusBy" | "readEntityState" | "raiseEvent" | "terminate" | "signalEntity"
>;

/** Waits for some milliseconds, or until the signal is aborted. */
type Wait = (milliseconds: number, value: undefined, options: { readonly signal: AbortSignal }) => Promise<unknown>;

/** A working store needs less. It is short enough for several tries in one invocation. */
const LONGEST_CALL_MS = 25_000;

/** Returns the durable client of an invocation. Each of its calls ends within 25 seconds. */
export function durableClientOf(context: InvocationContext): DurableClient {
  return limitCallTimes(df.getClient(context));
}

/**
 * Returns a client whose calls throw after 25 seconds. The SDK has no time-out: if the store
 * accepts connections but sends no response, a call would last longer than the invocation. A call
 * that timed out may still have taken effect.
 */
export function limitCallTimes(client: DurableClient, wait: Wait = pause): DurableClient {
  const limitTime = async <T>(name: string, call: Promise<T>): Promise<T> => {
    const done = new AbortController();
    const timeout = wait(LONGEST_CALL_MS, undefined, { signal: done.signal }).then(() => {
      throw new StoreSilent(`The store did not answer ${name} within ${LONGEST_CALL_MS / 1000} s`);
    });
    try {
      return await Promise.race([call, timeout]);
    } finally {
      done.abort();
      // The promise that lost the race may reject later. Without a handler that would end the
      // process.
      for (const promise of [call, timeout]) promise.catch(() => {});
    }
  };
  return {
    startNew: (...args) => limitTime("startNew", client.startNew(...args)),
    getStatus: (...args) => limitTime("getStatus", client.getStatus(...args)),
    getStatusBy: (...args) => limitTime("getStatusBy", client.getStatusBy(...args)),
    readEntityState: <T>(...args: Parameters<DurableClient["readEntityState"]>) =>
      limitTime("readEntityState", client.readEntityState<T>(...args)),
    raiseEvent: (...args) => limitTime("raiseEvent", client.raiseEvent(...args)),
    terminate: (...args) => limitTime("terminate", client.terminate(...args)),
    signalEntity: (...args) => limitTime("signalEntity", client.signalEntity(...args)),
  };
}

class StoreSilent extends Error {
  override readonly name = "StoreSilent";
}
