import type { InvocationContext } from "@azure/functions";
import { textsIn } from "../shared/arm-error-tree.ts";
import { noAnswer, noConnection, refusalOf } from "../shared/arm-errors.ts";
import type { KeyVault } from "../shared/azure/key-vault.ts";
import type { ResourceManager } from "../shared/azure/resource-manager.ts";
import type { KeyPrints } from "../shared/connection-keys.ts";
import { connectionIn } from "../shared/connection-state.ts";
import type { Change, Diff } from "../shared/contract/completion.ts";
import type { VpnConnection } from "../shared/contract/connection.ts";
import type { Finding } from "../shared/finding.ts";
import { type ArmResponse, armErrorOf, bodyOf, field, provisioningStateOf, stateOf, waitOf } from "../shared/operation.ts";
import { type Problem, problem } from "../shared/problem.ts";
import { withoutSecretFields, withoutSecretValues } from "../shared/redaction.ts";
import { gatewayId } from "../shared/resource-id.ts";
import type { KeyRing } from "../shared/sealing.ts";
import type { Settled } from "../shared/settled.ts";
import { isAnswer, ledgerOf } from "./attempt.ts";
import type { ConnectionInput, Try } from "./connection-input.ts";
import { type Before, decide } from "./decide-put.ts";
import { untold } from "./instance-status.ts";
import { openKeys } from "./open-keys.ts";
import type { Activity } from "./settle.ts";

/** What a change does, and what later steps need to know of it. */
interface Submitted {
  readonly change: Change;
  readonly diff: Diff;
  readonly prints: KeyPrints;
  /** The keys of the request, sealed, those from Key Vault too: they must not come back out of later steps. */
  readonly sealed: Readonly<Record<string, string>>;
  readonly armState: string | null;
  readonly warnings: readonly Finding[];
}

/** A change that Azure is working on; without an operation URL the resource itself is polled. */
export interface RunningOperation extends Submitted {
  readonly status: "running";
  readonly operationUrl: string | null;
  readonly operationId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** What came of handing the desired connection to Azure: `blocked` waits for an operation of somebody else, `done` is there already. */
export type PutConnectionResult =
  | RunningOperation
  | (Submitted & { readonly status: "done" })
  | { readonly status: "notNeeded"; readonly resource: unknown; readonly armState: string }
  | {
      readonly status: "blocked";
      readonly operationUrl: string;
      readonly retryAfterSeconds: number | null;
      readonly problem: Problem;
      readonly before: Before;
    };

export interface PutConnectionInput extends ConnectionInput, Try {
  readonly desired: VpnConnection;
  /** What is known of the keys in Azure. */
  readonly remembered: KeyPrints;
  /** What was there before an operation that was in the way, which may have been a PUT of this request that its host did not live to see answered. */
  readonly before?: Before;
}

export interface Dependencies {
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  readonly keys: KeyRing;
  /** Whether the instance that asks is still on its way. */
  readonly isAlive: (context: InvocationContext, instanceId: string) => Promise<boolean>;
}

/**
 * Hands the desired connection to Azure, unless a read shows that nothing is to be done or that it is being done already: the activity may run twice
 * (a killed host, a lost answer), and the second run must not write again.
 */
export function putConnection(dependencies: Dependencies): Activity<PutConnectionInput, PutConnectionResult> {
  const { resourceManager, keyVault, keys, isAlive } = dependencies;
  return async (input, log, context) => {
    const { target, instanceId, desired } = input;
    const about = { instanceId, gatewayId: gatewayId(target) };
    const { attempts, call } = ledgerOf(input);
    const found = await call("get", (ids) => resourceManager.getConnection(target, ids));
    if (!isAnswer(found)) return { ...noAnswer("read the connection", found), attempts };
    if (found.status !== 404 && found.status !== 200) return { ...refusalOf(found, "read the connection"), attempts };
    const actual = found.status === 200 ? connectionIn(found) : undefined;
    if (found.status === 200 && !actual) return { ...noConnection("read the connection"), attempts };

    const opened = await openKeys(desired, instanceId, { keys, keyVault });
    if (!("ok" in opened)) return { ...opened, attempts };
    const { body, values, prints, sealed } = opened.ok;
    const decision = decide(input, actual, prints);
    const { diff, change } = decision;
    const submitted = { change, diff, prints, sealed, warnings: [], armState: provisioningStateOf(actual) ?? null };

    if (decision.what === "busy") return { ...busy(found, submitted.armState), attempts };
    if (decision.what === "put") {
      // Activities outlive their instance: whoever terminated it wants nothing written any more, and the gateway may be somebody else's by now.
      const alive = await isAlive(context, instanceId).catch(() => undefined);
      if (alive === undefined) return { ...untold, attempts };
      if (!alive) {
        log("abandoned", about);
        return { problem: problem("Interrupted", "The instance was ended before its PUT."), attempts };
      }
      const put = await call("put", (ids) => resourceManager.putConnection(target, body, ids));
      const before: Before = { existed: actual !== undefined, etag: String(field(actual, "etag") ?? ""), ...(actual ? { diff } : {}) };
      return withoutSecretValues(
        { ...answered(put, before, submitted, resourceManager, (step, more) => log(step, { ...about, ...more })), attempts },
        values,
      );
    }
    log(decision.what, { ...about, armState: submitted.armState });
    if (decision.what === "unchanged") {
      const resource = withoutSecretValues(withoutSecretFields(actual), values);
      return { ok: { status: "notNeeded", resource, armState: submitted.armState ?? "Unknown" }, attempts };
    }
    if (decision.what === "done") return { ok: { status: "done", ...submitted }, attempts };
    const polls = { operationUrl: null, operationId: null, retryAfterSeconds: waitOf(found) ?? null };
    return { ok: { status: "running", ...submitted, ...polls }, attempts };
  };
}

function busy(found: ArmResponse, armState: string | null): Settled<never> {
  const because = problem("GatewayBusy", `Another change of this connection is in progress in Azure (${armState}).`);
  const afterSeconds = waitOf(found);
  return { later: { class: "busy", problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

function answered(
  put: unknown,
  before: Before,
  submitted: Submitted,
  resourceManager: ResourceManager,
  log: (step: string, more: object) => void,
): Settled<PutConnectionResult> {
  const doing = "create or update the connection";
  // Whether an unanswered PUT was carried out is unknown: the next run reads before it writes, and knows what was there.
  if (!isAnswer(put)) return carrying(noAnswer(doing, put), before);
  if (put.status !== 200 && put.status !== 201 && put.status !== 202) {
    const refusal = refusalOf(put, doing);
    if (put.status >= 500 || put.status === 408) return carrying(refusal, before);
    return blockedBy(put, refusal, before, resourceManager) ?? refusal;
  }
  // Whatever stands in between may answer with success too: without an operation and without a connection nothing was promised.
  if (!promised(put)) return carrying(noConnection(doing), before);
  const operation = operationOf(put, submitted, resourceManager);
  const { operationId, retryAfterSeconds } = operation;
  log("submitted", { status: put.status, operationId, retryAfterSeconds });
  const isOver = operation.operationUrl === null && stateOf(operation.armState) !== "InProgress" && operation.armState !== null;
  return { ok: isOver ? { ...operation, status: "done" } : operation };
}

function promised(put: ArmResponse): boolean {
  const { "azure-asyncoperation": operation, location } = put.headers;
  return operation !== undefined || location !== undefined || connectionIn(put) !== undefined;
}

function carrying(settled: Settled<never>, before: Before): Settled<never> {
  return "later" in settled ? { ...settled, later: { ...settled.later, carried: before } } : settled;
}

/** A gateway that is busy may name the operation it is busy with: that one is polled then, instead of asking again and again. */
function blockedBy(
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

/** The operation of an accepted PUT: by its Azure-AsyncOperation URL, else, when nothing but a promise came, by its Location, else by the resource itself. */
function operationOf(put: ArmResponse, submitted: Submitted, resourceManager: ResourceManager): RunningOperation {
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
    armState: provisioningStateOf(bodyOf(put)) ?? null,
    warnings: given !== null && !own ? [foreign] : [],
  };
}
