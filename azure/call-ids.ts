import { createHash } from "node:crypto";
import { correlationIdOf } from "../shared/correlation-id.ts";

/**
 * The ids under which Resource Manager logs one call: all calls of one request, and this call. The
 * app makes both. If the same try runs again, they are the same.
 */
export interface CallIds {
  readonly correlationId: string;
  readonly clientRequestId: string;
}

/**
 * Returns the ids of a call. `what` must differ for each call of one try. `attempt` is the try's
 * number.
 */
export function callIdsOf(instanceId: string, what: string, attempt: number): CallIds {
  const hex = createHash("sha256").update(`${instanceId}/${what}/${attempt}`).digest("hex");
  const clientRequestId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  return { correlationId: correlationIdOf(instanceId), clientRequestId };
}
