import { type CallIds, callIdsOf } from "../azure/call-ids.ts";
import { type ArmResponse, armErrorOf, waitOf } from "../shared/arm/response.ts";
import type { Attempt } from "../shared/durable/settled.ts";
import type { KeyFilter } from "../shared/secrets/key-filter.ts";

/** Tells an answer of Resource Manager from the error of a call that got none. */
export function isAnswer(outcome: unknown): outcome is ArmResponse {
  return typeof outcome === "object" && outcome !== null && "status" in outcome && "text" in outcome;
}

/** The calls of one try, as they are made: each answers what came, or the error where nothing came, and is noted. */
export function ledgerOf({ instanceId, attempt }: { readonly instanceId: string; readonly attempt: number }, filter: KeyFilter) {
  const attempts: Attempt[] = [];
  return {
    /** What was exchanged so far. */
    attempts: attempts as readonly Attempt[],
    /** Makes a call; `about` tells calls of one kind apart. */
    async call(action: Attempt["action"], make: (ids: CallIds) => Promise<ArmResponse>, about = ""): Promise<unknown> {
      const ids = callIdsOf(instanceId, action + about, attempt);
      const outcome = await make(ids).catch((error: unknown) => error);
      attempts.push(attemptOf(action, outcome, ids, filter));
      return outcome;
    },
  };
}

/** One exchange as the completion shows it; without an answer status and code are null. */
function attemptOf(action: Attempt["action"], outcome: unknown, { clientRequestId }: CallIds, filter: KeyFilter): Attempt {
  if (!isAnswer(outcome)) return { action, clientRequestId, status: null, code: null, retryAfterSeconds: null };
  const code = outcome.status >= 400 ? armErrorOf(outcome).code : null;
  return {
    action,
    clientRequestId,
    status: outcome.status,
    code: code === null ? null : filter.word(code),
    retryAfterSeconds: waitOf(outcome) ?? null,
  };
}
