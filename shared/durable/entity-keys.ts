import { createHash } from "node:crypto";
import { connectionId, gatewayId, type Target } from "../resource-id.ts";

/** Returns the entity key of a gateway's lease. */
export function gatewayEntityKey(target: Target): string {
  return entityKeyOf(gatewayId(target));
}

/** Returns the entity key under which the pre-shared keys of a connection are remembered. */
export function connectionEntityKey(target: Target): string {
  return entityKeyOf(connectionId(target));
}

/** Lower case, because Azure ignores case in ids. Hashed, because entity keys are parts of URLs. */
function entityKeyOf(resourceId: string): string {
  return createHash("sha256").update(resourceId.toLowerCase()).digest("hex").slice(0, 40);
}
