import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import { errorCodes } from "../../shared/arm/error-tree.ts";
import { isTemporary, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { armErrorOf, bodyOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { PollOperationInput, PollOperationResult } from "../../shared/durable/activities.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { field } from "../../shared/json/field.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { type KeyFilter, keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure, type FoundConnection, isResponse, omitSuccessfulCalls } from "./azure-calls.ts";
import { judgeConnection, verifyChange } from "./verify-change.ts";

/**
 * Reads the state of the change from Azure once. If it is done, also reads the connection, because
 * an operation may be done before the connection shows it.
 */
export function pollOperation({
  resourceManager,
  keys,
}: {
  readonly resourceManager: ResourceManager;
  readonly keys: KeyRing;
}): ActivityNamed<"pollOperation"> {
  return async (input, log) => {
    const { operationUrl } = input;
    const filter = keyFilterOf(openSecrets(input, keys));
    const settled = await callAzure<PollOperationResult>(input, { resourceManager, filter }, async ({ call, readConnection }) => {
      const isOperation = operationUrl !== null && resourceManager.isOwn(operationUrl);
      const found = isOperation ? undefined : await readConnection("poll");
      if (found && !("ok" in found)) return found;
      const polled = found
        ? stateOfConnection(found.ok)
        : stateOfOperation(await call("poll", (ids) => resourceManager.getOperation(operationUrl ?? "", ids)), filter);
      const known = input.ofAnother && "problem" in polled ? endOfAnother : polled;
      logPoll(known, input, log);
      if (input.ofAnother || !("ok" in known) || !known.ok.done) return known;
      const change = { ...input, attempt: 1 };
      const verification = found
        ? judgeConnection(change, found.ok, filter, log)
        : await verifyChange(change, { about: "after poll", readConnection, filter, log });
      return { ok: { ...known.ok, verification } };
    });
    return omitSuccessfulCalls(settled, "poll");
  };
}

/** The end of an operation of another request, whatever its outcome is. */
const endOfAnother: Settled<PollOperationResult> = { ok: { done: true, armState: "Unknown", retryAfterSeconds: null } };

function logPoll(
  polled: Settled<PollOperationResult>,
  { target, ofAnother }: Pick<PollOperationInput, "target" | "ofAnother">,
  log: WriteStep,
): void {
  if (!("ok" in polled)) return;
  const { armState, done, retryAfterSeconds } = polled.ok;
  const about = { gatewayId: gatewayId(target), armState, retryAfterSeconds };
  // The end of another request's operation provisions nothing.
  if (ofAnother) log("polled", { ...about, ofAnother, done });
  else log(done ? "provisioned" : "polled", about);
}

/**
 * Returns the state of an operation. An unknown status means that the operation is still running:
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/async-operations.
 */
function stateOfOperation(response: unknown, filter: KeyFilter): Settled<PollOperationResult> {
  if (!isResponse(response)) return missingResponse("poll the operation", response);
  const retryAfterSeconds = waitOf(response) ?? null;
  if (response.status === 404 || response.status === 410)
    return { ok: { done: false, forgotten: true, armState: "Unknown", retryAfterSeconds } };
  if (response.status < 200 || response.status > 204) return refusalOf(response, "poll the operation", filter);
  // A Location URL has no status in its body. The operation is done when it stops returning 202
  // (same page).
  if (response.status !== 200 && response.status !== 202) return { ok: { done: true, armState: "Succeeded", retryAfterSeconds: null } };
  const state = stateOf(field(bodyOf(response), "status"));
  const raw = armErrorOf(response);
  const arm = filter.error(raw);
  const azureError = `${arm.code ?? "no code"}: ${arm.message ?? "no message"}`;
  if (state === "Failed") {
    const because = problem("OperationFailed", `Azure could not carry out the change (${azureError}).`, { arm });
    return { problem: isTemporary(raw) ? { ...because, retryable: true, actor: "nobody" } : because };
  }
  if (state === "Canceled" && errorCodes(raw).some((code) => /Superseded/i.test(code)))
    return { ok: { done: false, superseded: true, armState: "Unknown", retryAfterSeconds } };
  if (state === "Canceled")
    return { problem: problem("OperationCanceled", `The operation was cancelled in Azure (${azureError}).`, { arm }) };
  return { ok: { done: state === "Succeeded", armState: state === "Succeeded" ? "Succeeded" : "Updating", retryAfterSeconds } };
}

function stateOfConnection({ resource, retryAfterSeconds }: FoundConnection): Settled<PollOperationResult> {
  if (!resource) {
    const because = problem("ResourceVanished", "The connection disappeared from Azure while it was being changed.");
    return { later: { class: "missing", problem: because } };
  }
  const state = connectionStateOf(resource);
  if (state === "InProgress") return { ok: { done: false, armState: "Updating", retryAfterSeconds } };
  if (state === "Succeeded") return { ok: { done: true, armState: "Succeeded", retryAfterSeconds: null } };
  return { problem: problem("ProvisioningFailed", "Azure finished the change, but the connection is in a failed state.") };
}
