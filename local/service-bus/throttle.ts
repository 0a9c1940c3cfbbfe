import { ServiceBusError } from "./errors.ts";

/**
 * Refuses a number of operations, as an overloaded namespace does
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-throttling).
 */
export function createThrottle() {
  let left = 0;
  return {
    /** Makes the next operations fail. */
    serverBusy(operations: number) {
      left = operations;
    },
    /** Throws `server-busy` if this operation is one of them. */
    pass() {
      if (left === 0) return;
      left--;
      throw new ServiceBusError("com.microsoft:server-busy", "The request was terminated because the entity is being throttled.");
    },
  };
}
