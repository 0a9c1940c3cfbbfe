import { createHash } from "node:crypto";
import { gatewayId, type Target } from "../resource-id.ts";

/**
 * Returns the entity key of a gateway. It is in lower case, because Azure ignores case in ids, and
 * a hash, because entity keys are parts of URLs.
 */
export function gatewayEntityKey(target: Target): string {
  return createHash("sha256").update(gatewayId(target).toLowerCase()).digest("hex").slice(0, 40);
}
