import { noAnswer, noConnection, refusalOf } from "../shared/arm-errors.ts";
import type { ResourceManager } from "../shared/azure/resource-manager.ts";
import { sameConnection } from "../shared/comparison.ts";
import { connectionIn, connectionStateOf } from "../shared/connection-state.ts";
import type { Change } from "../shared/contract/completion.ts";
import type { VpnConnection } from "../shared/contract/connection.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import type { Finding } from "../shared/finding.ts";
import { type ArmResponse, bodyOf, provisioningStateOf, waitOf } from "../shared/operation.ts";
import { problem } from "../shared/problem.ts";
import { withoutSecretFields } from "../shared/redaction.ts";
import { gatewayId } from "../shared/resource-id.ts";
import { type KeyRing, openSecrets } from "../shared/sealing.ts";
import type { Attempt, Settled } from "../shared/settled.ts";
import { attemptOf, isAnswer } from "./attempt.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { LogStep } from "./log-step.ts";
import type { Activity } from "./settle.ts";

/** A change that Azure is working on; without an operation URL the resource itself is polled. */
export interface RunningOperation {
  readonly status: "running";
  readonly change: Change;
  readonly operationUrl: string | null;
  readonly operationId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly armState: string | null;
  readonly warnings: readonly Finding[];
}

/** What came of handing the desired connection to Azure. */
export type PutConnectionResult =
  | RunningOperation
  | { readonly status: "notNeeded"; readonly resource: unknown; readonly armState: string; readonly warnings: readonly Finding[] };

export interface PutConnectionInput extends ConnectionInput {
  readonly desired: VpnConnection;
}

/**
 * Hands the desired connection to Azure, unless a read shows that nothing is to be done or that it is being done already: the activity may run twice
 * (a killed host, a lost answer), and the second run must not write again.
 */
export function putConnection({
  resourceManager,
  keys,
}: {
  resourceManager: ResourceManager;
  keys: KeyRing;
}): Activity<PutConnectionInput, PutConnectionResult> {
  return async (input, log) => {
    const { target, instanceId, desired } = input;
    const correlationId = correlationIdOf(instanceId);
    const found = await resourceManager.getConnection(target, correlationId).catch((error: unknown) => error);
    const read = attemptOf("get", found);
    if (!isAnswer(found)) return { ...noAnswer("read the connection", found), attempts: [read] };
    if (found.status !== 404 && found.status !== 200) return { ...refusalOf(found, "read the connection"), attempts: [read] };
    const settled = found.status === 200 ? alreadySettled(input, found, log) : undefined;
    if (settled) return { ...settled, attempts: [read] };

    const opened = openSecrets(desired, ["connection"], instanceId, keys);
    const put = await resourceManager.putConnection(target, opened, correlationId).catch((error: unknown) => error);
    const attempts: Attempt[] = [read, attemptOf("put", put)];
    // Whether an unanswered PUT was carried out is unknown: the next run reads before it writes.
    if (!isAnswer(put)) return { ...noAnswer("create or update the connection", put), attempts };
    if (put.status !== 200 && put.status !== 201 && put.status !== 202)
      return { ...refusalOf(put, "create or update the connection"), attempts };
    const operation = operationOf(put, resourceManager);
    log("submitted", {
      instanceId,
      gatewayId: gatewayId(target),
      status: put.status,
      operationId: operation.operationId,
      retryAfterSeconds: operation.retryAfterSeconds,
    });
    return { ok: operation, attempts };
  };
}

/** What an existing connection already answers: equal and settled, equal and on its way (ours, or the same by another hand), or busy with something else. */
function alreadySettled(
  { instanceId, desired, sealed, target }: PutConnectionInput,
  found: ArmResponse,
  log: LogStep,
): Settled<PutConnectionResult> | undefined {
  const resource = connectionIn(found);
  if (!resource) return noConnection("read the connection");
  const armState = provisioningStateOf(resource) ?? "Unknown";
  const state = connectionStateOf(resource);
  const same = sameConnection(desired, resource);
  if (state === "InProgress" && !same) {
    return {
      later: {
        class: "busy",
        problem: problem("GatewayBusy", `Another change of this connection is in progress in Azure (${armState}).`),
        ...hint(found),
      },
    };
  }
  if (state === "InProgress") {
    log("adopted", { instanceId, gatewayId: gatewayId(target), armState });
    return {
      ok: {
        status: "running",
        change: "Updated",
        operationUrl: null,
        operationId: null,
        retryAfterSeconds: waitOf(found) ?? null,
        armState,
        warnings: [],
      },
    };
  }
  // No read shows a key, so a request that brings one is always carried out.
  if (state === "Succeeded" && same && Object.keys(sealed).length === 0) {
    log("unchanged", { instanceId, gatewayId: gatewayId(target) });
    return { ok: { status: "notNeeded", resource: withoutSecretFields(resource), armState, warnings: [] } };
  }
  return undefined;
}

function operationOf(put: ArmResponse, resourceManager: ResourceManager): RunningOperation {
  const given = put.headers["azure-asyncoperation"] ?? null;
  const own = given !== null && resourceManager.isOwn(given);
  const foreign: Finding = {
    code: "ForeignOperationUrl",
    severity: "warning",
    target: "",
    actor: "nobody",
    message: "Azure named an operation URL outside the configured endpoint; the connection itself was polled instead.",
  };
  return {
    status: "running",
    change: put.status === 201 ? "Created" : "Updated",
    operationUrl: own ? given : null,
    operationId: own ? (new URL(given).pathname.split("/").at(-1) ?? null) : null,
    retryAfterSeconds: waitOf(put) ?? null,
    armState: provisioningStateOf(bodyOf(put)) ?? null,
    warnings: given !== null && !own ? [foreign] : [],
  };
}

function hint(response: ArmResponse): { afterSeconds?: number } {
  const afterSeconds = waitOf(response);
  return afterSeconds === undefined ? {} : { afterSeconds };
}
