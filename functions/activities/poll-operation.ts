import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf, connectionStateOf } from "../../shared/arm/connection-state.ts";
import { errorCodes } from "../../shared/arm/error-tree.ts";
import { isTemporary, missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { type ArmResponse, armErrorOf, bodyOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { field } from "../../shared/json/field.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { type KeyFilter, keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import { isAnswer, ledgerOf } from "../attempt.ts";
import type { ConnectionInput, Try } from "../connection-input.ts";
import type { Activity } from "./without-secrets.ts";

export interface PollOperationInput extends ConnectionInput, Try {
  /** Null polls the resource itself. */
  readonly operationUrl: string | null;
  /** The operation is somebody else's: however it ends, it is over. */
  readonly ofAnother?: true;
}

/** Kept under 300 bytes: the history holds one for every poll. */
export interface PollOperationResult {
  readonly done: boolean;
  /** The service no longer knows the operation. */
  readonly forgotten?: true;
  /** Azure gave the operation up for another one: what the connection is now says more. */
  readonly superseded?: true;
  readonly armState: string;
  readonly retryAfterSeconds: number | null;
}

/** Asks Azure once how far the change has come. */
export function pollOperation({
  resourceManager,
  keys,
}: {
  resourceManager: ResourceManager;
  keys: KeyRing;
}): Activity<PollOperationInput, PollOperationResult> {
  return async (input, log) => {
    const { instanceId, target, operationUrl, ofAnother } = input;
    const filter = keyFilterOf(openSecrets(input, keys));
    const { attempts, call } = ledgerOf(input, filter);
    const ofOperation = operationUrl !== null && resourceManager.isOwn(operationUrl);
    const answer = await call("poll", (ids) =>
      ofOperation ? resourceManager.getOperation(operationUrl, ids) : resourceManager.getConnection(target, ids),
    );
    const read = isAnswer(answer)
      ? (ofOperation ? readOperation : readConnection)(answer, filter)
      : missingResponse("poll the operation", answer);
    const settled: Settled<PollOperationResult> =
      ofAnother && "problem" in read ? { ok: { done: true, armState: "Unknown", retryAfterSeconds: null } } : read;
    const { armState, done, retryAfterSeconds } = "ok" in settled ? settled.ok : { armState: null, done: false, retryAfterSeconds: null };
    log(done ? "provisioned" : "polled", { instanceId, gatewayId: gatewayId(target), armState, retryAfterSeconds });
    // Polls that went as expected are counted, not listed.
    return "ok" in settled ? settled : { ...settled, attempts };
  };
}

/** Status words: https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/async-operations; unknown ones mean that it runs on. */
function readOperation(answer: ArmResponse, filter: KeyFilter): Settled<PollOperationResult> {
  const retryAfterSeconds = waitOf(answer) ?? null;
  if (answer.status === 404 || answer.status === 410)
    return { ok: { done: false, forgotten: true, armState: "Unknown", retryAfterSeconds } };
  if (answer.status < 200 || answer.status > 204) return refusalOf(answer, "poll the operation", filter);
  // A Location is over when it stops answering 202 (same page); it has no word for it.
  if (answer.status !== 200 && answer.status !== 202) return { ok: { done: true, armState: "Succeeded", retryAfterSeconds: null } };
  const state = stateOf(field(bodyOf(answer), "status"));
  const raw = armErrorOf(answer);
  const arm = filter.error(raw);
  const said = `${arm.code ?? "no code"}: ${arm.message ?? "no message"}`;
  if (state === "Failed") {
    const because = problem("OperationFailed", `Azure could not carry out the change (${said}).`, { arm });
    return { problem: isTemporary(raw) ? { ...because, retryable: true, actor: "nobody" } : because };
  }
  if (state === "Canceled" && errorCodes(raw).some((code) => /Superseded/i.test(code)))
    return { ok: { done: false, superseded: true, armState: "Unknown", retryAfterSeconds } };
  if (state === "Canceled") return { problem: problem("OperationCanceled", `The operation was cancelled in Azure (${said}).`, { arm }) };
  return { ok: { done: state === "Succeeded", armState: state === "Succeeded" ? "Succeeded" : "Updating", retryAfterSeconds } };
}

function readConnection(answer: ArmResponse, filter: KeyFilter): Settled<PollOperationResult> {
  if (answer.status === 404)
    return { problem: problem("ResourceVanished", "The connection disappeared from Azure while it was being changed.") };
  if (answer.status !== 200) return refusalOf(answer, "read the connection", filter);
  const resource = connectionOf(answer);
  if (!resource) return missingConnection("read the connection");
  const state = connectionStateOf(resource);
  if (state === "InProgress") return { ok: { done: false, armState: "Updating", retryAfterSeconds: waitOf(answer) ?? null } };
  if (state === "Succeeded") return { ok: { done: true, armState: "Succeeded", retryAfterSeconds: null } };
  return { problem: problem("ProvisioningFailed", "Azure finished the change, but the connection is in a failed state.") };
}
