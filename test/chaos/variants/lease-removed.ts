import type { openGatewayLease as real } from "../../../orchestrations/gateway-lease.ts";
import { noKeys } from "../../../shared/durable/connection-keys.ts";

/** A lease that everybody has at once. */
export const openGatewayLease: typeof real = (instance) => ({
  // biome-ignore lint/correctness/useYield: it has nothing to wait for, and is one of many steps that have
  *acquire() {
    instance.noteLease();
    return { remembered: noKeys };
  },
  // biome-ignore lint/correctness/useYield: there is nothing to give up
  *release() {
    return true;
  },
});
