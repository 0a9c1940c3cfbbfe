import type { gatewayLease as real } from "../../../orchestrations/gateway-lease.ts";

/** A lease that everybody has at once. */
export const gatewayLease: typeof real = (instance) => ({
  // biome-ignore lint/correctness/useYield: it has nothing to wait for, and is one of many steps that have
  *acquire() {
    instance.leaseGranted();
    return undefined;
  },
  // biome-ignore lint/correctness/useYield: there is nothing to give up
  *release() {
    return true;
  },
});
