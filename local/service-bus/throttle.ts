import { ServiceBusError } from "./errors.ts";

/** Refuses as many operations as it is told, as a namespace does that has too much to do (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-throttling). */
export function createThrottle() {
  let left = 0;
  return {
    /** Has the next operations refused. */
    serverBusy(operations: number) {
      left = operations;
    },
    /** Throws `server-busy` when this operation is one of those. */
    pass() {
      if (left === 0) return;
      left--;
      throw new ServiceBusError("com.microsoft:server-busy", "The request was terminated because the entity is being throttled.");
    },
  };
}
