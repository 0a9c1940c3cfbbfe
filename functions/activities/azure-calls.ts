import { type CallIds, callIdsOf } from "../../azure/call-ids.ts";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf } from "../../shared/arm/connection-state.ts";
import { missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { type ArmResponse, armErrorOf, waitOf } from "../../shared/arm/response.ts";
import type { ConnectionInput, Try } from "../../shared/durable/activities.ts";
import type { Attempt, Settled } from "../../shared/durable/settled.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";

/** The connection as a read shows it; `resource` is undefined if it does not exist. */
export interface FoundConnection {
  readonly resource: object | undefined;
  readonly retryAfterSeconds: number | null;
}

/**
 * Makes a call and adds it to the ledger. Returns the response, or the error if there was none. If
 * one try makes several calls of one kind, `about` must differ.
 */
export type Call = (action: Attempt["action"], make: (ids: CallIds) => Promise<ArmResponse>, about?: string) => Promise<unknown>;

/**
 * Reads the connection. `doing` completes the sentence "Resource Manager refused to …". `about` is
 * that of `Call`.
 */
export type ReadConnection = (action: "get" | "poll" | "verify", doing?: string, about?: string) => Promise<Settled<FoundConnection>>;

/** Returns true if Resource Manager responded; false if the call failed without a response. */
export function isResponse(outcome: unknown): outcome is ArmResponse {
  return typeof outcome === "object" && outcome !== null && "status" in outcome && "text" in outcome;
}

/**
 * Runs the part of an activity that calls Resource Manager. Adds the ledger of calls to its result.
 */
export async function callAzure<Result>(
  { instanceId, target, attempt }: Pick<ConnectionInput & Try, "instanceId" | "target" | "attempt">,
  { resourceManager, filter }: { readonly resourceManager: ResourceManager; readonly filter: KeyFilter },
  run: (calls: { readonly call: Call; readonly readConnection: ReadConnection }) => Promise<Settled<Result>>,
): Promise<Settled<Result>> {
  const attempts: Attempt[] = [];
  const call: Call = async (action, make, about = "") => {
    const ids = callIdsOf(instanceId, action + about, attempt);
    const outcome = await make(ids).catch((error: unknown) => error);
    attempts.push(attemptOf(action, outcome, ids, filter));
    return outcome;
  };
  const readConnection: ReadConnection = async (action, doing = "read the connection", about = "") => {
    const found = await call(action, (ids) => resourceManager.getConnection(target, ids), about);
    if (!isResponse(found)) return missingResponse(doing, found);
    if (found.status !== 200 && found.status !== 404) return refusalOf(found, doing, filter);
    const resource = found.status === 200 ? connectionOf(found) : undefined;
    if (found.status === 200 && !resource) return missingConnection(doing);
    return { ok: { resource, retryAfterSeconds: waitOf(found) ?? null } };
  };
  return { ...(await run({ call, readConnection })), attempts };
}

/**
 * Removes calls of one kind from the ledger of a successful result. An activity that runs many
 * times would fill the completion with them. The calls of a failed try stay.
 */
export function omitSuccessfulCalls<Result>(settled: Settled<Result>, action: Attempt["action"]): Settled<Result> {
  if (!("ok" in settled)) return settled;
  const attempts = (settled.attempts ?? []).filter((attempt) => attempt.action !== action);
  return { ok: settled.ok, ...(attempts.length > 0 ? { attempts } : {}) };
}

/** Returns one entry of the ledger. Status and code are null if there was no response. */
function attemptOf(action: Attempt["action"], outcome: unknown, { clientRequestId }: CallIds, filter: KeyFilter): Attempt {
  if (!isResponse(outcome)) return { action, clientRequestId, status: null, code: null, retryAfterSeconds: null };
  const code = outcome.status >= 400 ? armErrorOf(outcome).code : null;
  return {
    action,
    clientRequestId,
    status: outcome.status,
    code: code === null ? null : filter.word(code),
    retryAfterSeconds: waitOf(outcome) ?? null,
  };
}
