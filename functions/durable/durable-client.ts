import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";

/** The calls of the durable client that the app makes. */
export type DurableClient = Pick<
  df.DurableClient,
  "startNew" | "getStatus" | "getStatusBy" | "readEntityState" | "raiseEvent" | "terminate" | "signalEntity"
>;

/** Calls `run` after some milliseconds. Returns a function that cancels this. */
type StartTimer = (run: () => void, milliseconds: number) => () => void;

const startTimer: StartTimer = (run, milliseconds) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

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
export function limitCallTimes(client: DurableClient, start: StartTimer = startTimer): DurableClient {
  const limitTime = async <T>(name: string, call: Promise<T>): Promise<T> => {
    // An AbortSignal would make an error with a stack for each call.
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(new StoreSilent(`The store did not answer ${name} within ${LONGEST_CALL_MS / 1000} s`));
    const cancel = start(giveUp, LONGEST_CALL_MS);
    try {
      return await Promise.race([call, timeout]);
    } finally {
      cancel();
      // It may reject later. Without a handler that would end the process.
      call.catch(() => {});
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
