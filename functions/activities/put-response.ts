import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf } from "../../shared/arm/connection-state.ts";
import { collectTexts } from "../../shared/arm/error-tree.ts";
import { missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { type ArmResponse, armErrorOf, bodyOf, provisioningStateOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import type { Finding } from "../../shared/contract/finding.ts";
import type { BlockingOperation, PutConnectionResult, RunningOperation, Submitted } from "../../shared/durable/activities.ts";
import type { Before } from "../../shared/durable/before.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import { isResponse } from "./azure-calls.ts";

const doing = "create or update the connection";

/** Returns the provisioning state of a resource, without keys; null if the resource has none. */
export function safeStateOf(resource: unknown, filter: KeyFilter): string | null {
  const state = provisioningStateOf(resource);
  return state === undefined ? null : filter.word(state);
}

/** Returns the result of a PUT. `before` is what the read before the PUT showed. */
export function resultOfPut(
  put: unknown,
  before: Before,
  submitted: Submitted,
  {
    resourceManager,
    filter,
    log,
    about,
  }: {
    readonly resourceManager: ResourceManager;
    readonly filter: KeyFilter;
    readonly log: WriteStep;
    /** What each line of the log says. */
    readonly about: { readonly gatewayId: string };
  },
): Settled<PutConnectionResult> {
  // Without a response, Azure may have carried out the PUT. The next try gets `before`, and
  // compares it with a new read.
  if (!isResponse(put)) return addBefore(missingResponse(doing, put), before);
  if (put.status !== 200 && put.status !== 201 && put.status !== 202) {
    const refusal = refusalOf(put, doing, filter);
    if (put.status >= 500 || put.status === 408) return addBefore(refusal, before);
    const blocking = findBlockingOperation(put, refusal, before, resourceManager);
    if (!blocking) return refusal;
    log("blocked", { ...about, problem: blocking.problem.code, retryAfterSeconds: blocking.retryAfterSeconds });
    return { ok: blocking };
  }
  // A proxy may also send a success status. Without an operation URL and without a connection in
  // the body, Azure has not accepted the PUT.
  if (!isAccepted(put)) return addBefore(missingConnection(doing), before);
  const operation = operationOf(put, submitted, resourceManager, filter);
  const { operationId, retryAfterSeconds } = operation;
  log("submitted", { ...about, status: put.status, operationId, retryAfterSeconds });
  const state = provisioningStateOf(bodyOf(put));
  const isOver = operation.operationUrl === null && state !== undefined && stateOf(state) !== "InProgress";
  return { ok: isOver ? { ...operation, status: "done" } : operation };
}

/**
 * Returns the operation of an accepted PUT. Its URL is Azure-AsyncOperation, or else the Location
 * of a 202; without either, the resource itself is polled.
 */
function operationOf(put: ArmResponse, submitted: Submitted, resourceManager: ResourceManager, filter: KeyFilter): RunningOperation {
  const url = put.headers["azure-asyncoperation"] ?? (put.status === 202 ? put.headers["location"] : undefined) ?? null;
  const isOwn = url !== null && resourceManager.isOwn(url);
  const foreign: Finding = {
    code: "ForeignOperationUrl",
    severity: "warning",
    target: "",
    actor: "nobody",
    message: "Azure returned an operation URL outside the configured endpoint, so the connection itself was polled instead.",
  };
  return {
    ...submitted,
    status: "running",
    change: put.status === 201 ? "Created" : submitted.change,
    operationUrl: isOwn ? url : null,
    operationId: isOwn ? (new URL(url).pathname.split("/").at(-1) ?? null) : null,
    retryAfterSeconds: waitOf(put) ?? null,
    armState: safeStateOf(bodyOf(put), filter),
    warnings: url !== null && !isOwn ? [foreign] : [],
  };
}

function isAccepted(put: ArmResponse): boolean {
  const { "azure-asyncoperation": operation, location } = put.headers;
  return operation !== undefined || location !== undefined || connectionOf(put) !== undefined;
}

function addBefore(settled: Settled<never>, before: Before): Settled<never> {
  return "later" in settled ? { ...settled, later: { ...settled.later, carried: before } } : settled;
}

/**
 * Returns the operation that keeps the gateway busy, if the error of Azure contains its URL. Then
 * it is polled, instead of repeating the PUT.
 */
function findBlockingOperation(
  put: ArmResponse,
  refusal: Settled<never>,
  before: Before,
  resourceManager: ResourceManager,
): BlockingOperation | undefined {
  if (!("later" in refusal) || refusal.later.class !== "busy") return undefined;
  const urls = collectTexts(armErrorOf(put)).flatMap((text) => text.match(/https:\/\/\S+\/operations\/\S+/g) ?? []);
  const operationUrl = urls.map((url) => url.replace(/[.,;:)\]'"]+$/, "")).find((url) => resourceManager.isOwn(url));
  if (operationUrl === undefined) return undefined;
  const { afterSeconds = null, problem: because } = refusal.later;
  return { status: "blocked", operationUrl, retryAfterSeconds: afterSeconds, problem: because, before };
}
