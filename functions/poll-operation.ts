import { noAnswer, noConnection, refusalOf } from "../shared/arm-errors.ts";
import type { ResourceManager } from "../shared/azure/resource-manager.ts";
import { connectionIn, connectionStateOf } from "../shared/connection-state.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import { type ArmResponse, armErrorOf, bodyOf, field, stateOf, waitOf } from "../shared/operation.ts";
import { problem } from "../shared/problem.ts";
import { gatewayId } from "../shared/resource-id.ts";
import type { Settled } from "../shared/settled.ts";
import { attemptOf, isAnswer } from "./attempt.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { Activity } from "./settle.ts";

export interface PollOperationInput extends ConnectionInput {
  /** Null polls the resource itself. */
  readonly operationUrl: string | null;
}

/** Kept under 300 bytes: the history holds one for every poll. */
export interface PollOperationResult {
  readonly done: boolean;
  /** The service no longer knows the operation. */
  readonly forgotten?: true;
  readonly armState: string;
  readonly retryAfterSeconds: number | null;
}

/** Asks Azure once how far the change has come. */
export function pollOperation({
  resourceManager,
}: {
  resourceManager: ResourceManager;
}): Activity<PollOperationInput, PollOperationResult> {
  return async ({ instanceId, target, operationUrl }, log) => {
    const correlationId = correlationIdOf(instanceId);
    const ofOperation = operationUrl !== null && resourceManager.isOwn(operationUrl);
    const asked = ofOperation
      ? resourceManager.getOperation(operationUrl, correlationId)
      : resourceManager.getConnection(target, correlationId);
    const answer = await asked.catch((error: unknown) => error);
    const settled = isAnswer(answer)
      ? ofOperation
        ? readOperation(answer)
        : readConnection(answer)
      : noAnswer("poll the operation", answer);
    const { armState, done, retryAfterSeconds } = "ok" in settled ? settled.ok : { armState: null, done: false, retryAfterSeconds: null };
    log(done ? "provisioned" : "polled", { instanceId, gatewayId: gatewayId(target), armState, retryAfterSeconds });
    // Polls that went as expected are counted, not listed.
    return "ok" in settled ? settled : { ...settled, attempts: [attemptOf("poll", answer)] };
  };
}

/** Status words: https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/async-operations; unknown ones mean that it runs on. */
function readOperation(answer: ArmResponse): Settled<PollOperationResult> {
  if (answer.status === 404)
    return { ok: { done: false, forgotten: true, armState: "Unknown", retryAfterSeconds: waitOf(answer) ?? null } };
  if (answer.status !== 200 && answer.status !== 202) return refusalOf(answer, "poll the operation");
  const word = field(bodyOf(answer), "status");
  const state = stateOf(word);
  const arm = armErrorOf(answer);
  if (state === "Failed")
    return {
      problem: problem(
        "OperationFailed",
        `Azure could not carry out the change (${arm.code ?? "no code"}: ${arm.message ?? "no message"})`,
        { arm },
      ),
    };
  if (state === "Canceled")
    return {
      problem: problem(
        "OperationCanceled",
        `The operation was canceled in Azure (${arm.code ?? "no code"}: ${arm.message ?? "no message"})`,
        { arm },
      ),
    };
  return {
    ok: {
      done: state === "Succeeded",
      armState: state === "Succeeded" ? "Succeeded" : "Updating",
      retryAfterSeconds: waitOf(answer) ?? null,
    },
  };
}

function readConnection(answer: ArmResponse): Settled<PollOperationResult> {
  if (answer.status === 404)
    return { problem: problem("ResourceVanished", "The connection disappeared from Azure while it was being changed.") };
  if (answer.status !== 200) return refusalOf(answer, "read the connection");
  const resource = connectionIn(answer);
  if (!resource) return noConnection("read the connection");
  const state = connectionStateOf(resource);
  if (state === "InProgress") return { ok: { done: false, armState: "Updating", retryAfterSeconds: waitOf(answer) ?? null } };
  if (state === "Succeeded") return { ok: { done: true, armState: "Succeeded", retryAfterSeconds: null } };
  return { problem: problem("ProvisioningFailed", "Azure shows the connection in a failed state after the change.") };
}
