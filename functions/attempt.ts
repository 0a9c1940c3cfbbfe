import { type ArmResponse, armErrorOf, waitOf } from "../shared/operation.ts";
import type { Attempt } from "../shared/settled.ts";

/** Tells an answer of Resource Manager from the error of a call that got none. */
export function isAnswer(outcome: unknown): outcome is ArmResponse {
  return typeof outcome === "object" && outcome !== null && "status" in outcome && "text" in outcome;
}

/** One exchange as the ledger keeps it; without an answer all but the action is null. */
export function attemptOf(action: Attempt["action"], outcome: unknown): Attempt {
  if (!isAnswer(outcome)) return { action, status: null, code: null, retryAfterSeconds: null };
  const code = outcome.status >= 400 ? armErrorOf(outcome).code : null;
  return { action, status: outcome.status, code, retryAfterSeconds: waitOf(outcome) ?? null };
}
