import { createHash } from "node:crypto";
import { correlationIdOf } from "../shared/correlation-id.ts";

/** The ids under which Resource Manager logs one call: all calls of one request, and this call. Both are ours, and the same when the same try is made again. */
export interface CallIds {
  readonly correlationId: string;
  readonly clientRequestId: string;
}

/** The ids of a call: `what` names it among the calls of one try, `attempt` the try. */
export function callIdsOf(instanceId: string, what: string, attempt: number): CallIds {
  const hex = createHash("sha256").update(`${instanceId}/${what}/${attempt}`).digest("hex");
  const clientRequestId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  return { correlationId: correlationIdOf(instanceId), clientRequestId };
}
