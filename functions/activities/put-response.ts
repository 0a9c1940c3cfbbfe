import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionIn } from "../../shared/arm/connection-state.ts";
import { textsIn } from "../../shared/arm/error-tree.ts";
import { noAnswer, noConnection, refusalOf } from "../../shared/arm/errors.ts";
import { type ArmResponse, armErrorOf, bodyOf, provisioningStateOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import type { Finding } from "../../shared/contract/finding.ts";
import type { PutConnectionResult, RunningOperation, Submitted } from "../../shared/durable/activities.ts";
import type { Before } from "../../shared/durable/before.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import type { LogStep } from "../durable/log-step.ts";
import { isResponse } from "./azure-calls.ts";

const doing = "create or update the connection";

/** Returns the provisioning state of a resource as a result may show it; null if it shows none. */
export function safeStateOf(resource: unknown, filter: KeyFilter): string | null {
  const state = provisioningStateOf(resource);
  return state === undefined ? null : filter.word(state);
}

/** Returns what the response to a PUT means. `before` is what the read before it showed. */
export function resultOfPut(
  put: unknown,
  before: Before,
  submitted: Submitted,
  { resourceManager, filter, log }: { resourceManager: ResourceManager; filter: KeyFilter; log: LogStep },
): Settled<PutConnectionResult> {
  // If there is no response, Azure may have carried the PUT out. The next try reads before it writes, and knows what was there.
  if (!isResponse(put)) return addBefore(noAnswer(doing, put), before);
  if (put.status !== 200 && put.status !== 201 && put.status !== 202) {
    const refusal = refusalOf(put, doing, filter);
    if (put.status >= 500 || put.status === 408) return addBefore(refusal, before);
    return blockingOperationOf(put, refusal, before, resourceManager) ?? refusal;
  }
  // A proxy may answer with success too. Without an operation and without a connection, Azure has promised nothing.
  if (!isAccepted(put)) return addBefore(noConnection(doing), before);
  const operation = operationOf(put, submitted, resourceManager, filter);
  const { operationId, retryAfterSeconds } = operation;
  log("submitted", { status: put.status, operationId, retryAfterSeconds });
  const state = provisioningStateOf(bodyOf(put));
  const isOver = operation.operationUrl === null && state !== undefined && stateOf(state) !== "InProgress";
  return { ok: isOver ? { ...operation, status: "done" } : operation };
}

/**
 * Returns the operation of an accepted PUT. Its URL is Azure-AsyncOperation, or else the Location
 * of a 202; without either, the resource itself is polled.
 */
function operationOf(put: ArmResponse, submitted: Submitted, resourceManager: ResourceManager, filter: KeyFilter): RunningOperation {
  const given = put.headers["azure-asyncoperation"] ?? (put.status === 202 ? put.headers["location"] : undefined) ?? null;
  const own = given !== null && resourceManager.isOwn(given);
  const foreign: Finding = {
    code: "ForeignOperationUrl",
    severity: "warning",
    target: "",
    actor: "nobody",
    message: "Azure named an operation URL outside the configured endpoint; the connection itself was polled instead.",
  };
  return {
    ...submitted,
    status: "running",
    change: put.status === 201 ? "Created" : submitted.change,
    operationUrl: own ? given : null,
    operationId: own ? (new URL(given).pathname.split("/").at(-1) ?? null) : null,
    retryAfterSeconds: waitOf(put) ?? null,
    armState: safeStateOf(bodyOf(put), filter),
    warnings: given !== null && !own ? [foreign] : [],
  };
}

function isAccepted(put: ArmResponse): boolean {
  const { "azure-asyncoperation": operation, location } = put.headers;
  return operation !== undefined || location !== undefined || connectionIn(put) !== undefined;
}

function addBefore(settled: Settled<never>, before: Before): Settled<never> {
  return "later" in settled ? { ...settled, later: { ...settled.later, carried: before } } : settled;
}

/** A gateway that is busy may name the operation that keeps it busy. Then that one is polled, instead of trying the PUT again and again. */
function blockingOperationOf(
  put: ArmResponse,
  refusal: Settled<never>,
  before: Before,
  resourceManager: ResourceManager,
): Settled<PutConnectionResult> | undefined {
  if (!("later" in refusal) || refusal.later.class !== "busy") return undefined;
  const urls = textsIn(armErrorOf(put)).flatMap((text) => text.match(/https:\/\/\S+\/operations\/\S+/g) ?? []);
  const operationUrl = urls.map((url) => url.replace(/[.,;:)\]'"]+$/, "")).find((url) => resourceManager.isOwn(url));
  if (operationUrl === undefined) return undefined;
  const { afterSeconds = null, problem: because } = refusal.later;
  return { ok: { status: "blocked", operationUrl, retryAfterSeconds: afterSeconds, problem: because, before } };
}
