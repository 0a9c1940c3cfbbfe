import type { InvocationContext } from "@azure/functions";
import type { KeyVault } from "../../azure/key-vault.ts";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf } from "../../shared/arm/connection-state.ts";
import { collectTexts } from "../../shared/arm/error-tree.ts";
import { missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { type ArmResponse, armErrorOf, bodyOf, provisioningStateOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import type { Change, Diff } from "../../shared/contract/completion.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import type { Finding } from "../../shared/contract/finding.ts";
import { type Problem, problem } from "../../shared/contract/problem.ts";
import type { Before } from "../../shared/durable/before.ts";
import type { GivenKeys, RememberedKeys } from "../../shared/durable/connection-keys.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { field } from "../../shared/json/field.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { type KeyFilter, keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { isAnswer, ledgerOf } from "../attempt.ts";
import type { ConnectionInput, Try } from "../connection-input.ts";
import { untold } from "../durable/instance-status.ts";
import { decide, isAboutKeysAlone } from "./decide-put.ts";
import { openKeys } from "./open-keys.ts";
import { operationOf, shownState } from "./put-answer.ts";
import type { SubmissionNotes } from "./submission-note.ts";
import type { Activity } from "./without-secrets.ts";

/** What a change does, and what later steps need to know of it. */
export interface Submitted {
  readonly change: Change;
  readonly diff: Diff;
  /** The keys that Azure is given, to be remembered when the change is verified. */
  readonly given: GivenKeys;
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
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly requestType: string | null;
  readonly desired: VpnConnection;
  /** What is known of the keys in Azure. */
  readonly remembered: RememberedKeys;
  /** What was there before an operation that was in the way, which may have been a PUT of this request that its host did not live to see answered. */
  readonly before?: Before;
}

export interface Dependencies {
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  readonly keys: KeyRing;
  /** Whether the instance that asks is still on its way. */
  readonly isAlive: (context: InvocationContext, instanceId: string) => Promise<boolean>;
  readonly notes: SubmissionNotes;
}

/**
 * Hands the desired connection to Azure, unless a read shows that nothing is to be done or that it is being done already: the activity may run twice
 * (a killed host, a lost answer), and the second run must not write again.
 */
export function putConnection(dependencies: Dependencies): Activity<PutConnectionInput, PutConnectionResult> {
  const { resourceManager, keyVault, keys, isAlive, notes } = dependencies;
  return async (input, log, context) => {
    const { target, instanceId } = input;
    const about = { instanceId, gatewayId: gatewayId(target) };
    // The keys come first, so that whatever Azure says is told without them.
    const opened = await openKeys(input, { keys, keyVault });
    if (!("ok" in opened)) return opened;
    const { body, values, given, sealed } = opened.ok;
    const filter = keyFilterOf(values);
    const { attempts, call } = ledgerOf(input, filter);
    const found = await call("get", (ids) => resourceManager.getConnection(target, ids));
    if (!isAnswer(found)) return { ...missingResponse("read the connection", found), attempts };
    if (found.status !== 404 && found.status !== 200) return { ...refusalOf(found, "read the connection", filter), attempts };
    const actual = found.status === 200 ? connectionOf(found) : undefined;
    if (found.status === 200 && !actual) return { ...missingConnection("read the connection"), attempts };

    let decision = decide(input, actual, given, filter);
    if (isAboutKeysAlone(decision, actual)) {
      // Perhaps an earlier run of this very try has sent them, and its host died before that was stored.
      const note = await notes.read(context, instanceId).catch(() => "unknown" as const);
      if (note === "unknown") return { ...untold, attempts };
      if (note?.attempt === input.attempt) decision = decide({ ...input, before: note.before }, actual, given, filter);
    }
    const { diff, change } = decision;
    const submitted = { change, diff, given, sealed, warnings: [], armState: shownState(actual, filter) };

    if (decision.what === "busy") return { ...busy(found, submitted.armState), attempts };
    if (decision.what === "put") {
      // Activities outlive their instance: whoever terminated it wants nothing written any more, and the gateway may be somebody else's by now.
      const alive = await isAlive(context, instanceId).catch(() => undefined);
      if (alive === undefined) return { ...untold, attempts };
      if (!alive) {
        log("abandoned", about);
        return { problem: problem("Interrupted", "The request was stopped from outside before its change was sent to Azure."), attempts };
      }
      const before: Before = { existed: actual !== undefined, etag: String(field(actual, "etag") ?? ""), ...(actual ? { diff } : {}) };
      const note = () => notes.write(context, instanceId, { attempt: input.attempt, before });
      const isNoted = given.keys.length === 0 || (await note().then(accepted, refused));
      if (!isNoted) return { ...untold, attempts };
      const put = await call("put", (ids) => resourceManager.putConnection(target, body, ids));
      const settled = answered(put, before, submitted, { resourceManager, filter, log: (step, more) => log(step, { ...about, ...more }) });
      return { ...settled, attempts };
    }
    log(decision.what, { ...about, armState: submitted.armState });
    if (decision.what === "unchanged") {
      const resource = filter.resource(actual);
      return { ok: { status: "notNeeded", resource, armState: submitted.armState ?? "Unknown" }, attempts };
    }
    if (decision.what === "done") return { ok: { status: "done", ...submitted }, attempts };
    const polls = { operationUrl: null, operationId: null, retryAfterSeconds: waitOf(found) ?? null };
    return { ok: { status: "running", ...submitted, ...polls }, attempts };
  };
}

const accepted = () => true;
const refused = () => false;

function busy(found: ArmResponse, armState: string | null): Settled<never> {
  const because = problem(
    "GatewayBusy",
    `Another change of this connection is in progress in Azure (${armState}). Send the request again when it has finished.`,
  );
  const afterSeconds = waitOf(found);
  return { later: { class: "busy", problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

function answered(
  put: unknown,
  before: Before,
  submitted: Submitted,
  { resourceManager, filter, log }: { resourceManager: ResourceManager; filter: KeyFilter; log: (step: string, more: object) => void },
): Settled<PutConnectionResult> {
  const doing = "create or update the connection";
  // Whether an unanswered PUT was carried out is unknown: the next run reads before it writes, and knows what was there.
  if (!isAnswer(put)) return carrying(missingResponse(doing, put), before);
  if (put.status !== 200 && put.status !== 201 && put.status !== 202) {
    const refusal = refusalOf(put, doing, filter);
    if (put.status >= 500 || put.status === 408) return carrying(refusal, before);
    return blockedBy(put, refusal, before, resourceManager) ?? refusal;
  }
  // Whatever stands in between may answer with success too: without an operation and without a connection nothing was promised.
  if (!promised(put)) return carrying(missingConnection(doing), before);
  const operation = operationOf(put, submitted, resourceManager, filter);
  const { operationId, retryAfterSeconds } = operation;
  log("submitted", { status: put.status, operationId, retryAfterSeconds });
  const state = provisioningStateOf(bodyOf(put));
  const isOver = operation.operationUrl === null && state !== undefined && stateOf(state) !== "InProgress";
  return { ok: isOver ? { ...operation, status: "done" } : operation };
}

function promised(put: ArmResponse): boolean {
  const { "azure-asyncoperation": operation, location } = put.headers;
  return operation !== undefined || location !== undefined || connectionOf(put) !== undefined;
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
  const urls = collectTexts(armErrorOf(put)).flatMap((text) => text.match(/https:\/\/\S+\/operations\/\S+/g) ?? []);
  const operationUrl = urls.map((url) => url.replace(/[.,;:)\]'"]+$/, "")).find((url) => resourceManager.isOwn(url));
  if (operationUrl === undefined) return undefined;
  const { afterSeconds = null, problem: because } = refusal.later;
  return { ok: { status: "blocked", operationUrl, retryAfterSeconds: afterSeconds, problem: because, before } };
}
