import type { InvocationContext } from "@azure/functions";
import type { KeyVault } from "../../azure/key-vault.ts";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { PutConnectionInput, Submitted } from "../../shared/durable/activities.ts";
import type { Before, SubmissionNote } from "../../shared/durable/before.ts";
import type { GivenKeys } from "../../shared/durable/connection-keys.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { field } from "../../shared/json/field.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { type KeyFilter, keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { instanceStateUnknown } from "../durable/instance-status.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure } from "./azure-calls.ts";
import { type Decision, decidePut, dependsOnKeys } from "./decide-put.ts";
import { openKeys } from "./open-keys.ts";
import { resultOfPut, safeStateOf } from "./put-response.ts";
import type { SubmissionNotes } from "./submission-note.ts";
import { judgeConnection } from "./verify-change.ts";

interface Dependencies {
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  readonly keys: KeyRing;
  /** Returns whether an instance has not ended. */
  readonly isAlive: (context: InvocationContext, instanceId: string) => Promise<boolean>;
  readonly notes: SubmissionNotes;
}

/**
 * Sends the desired connection to Azure, unless a read shows that the change is done or in
 * progress. The activity may run twice (a killed host, a lost result), and the second run must not
 * write again.
 */
export function putConnection(dependencies: Dependencies): ActivityNamed<"putConnection"> {
  const { resourceManager } = dependencies;
  return async (input, log, context) => {
    const { target, instanceId } = input;
    const about = { gatewayId: gatewayId(target) };
    // Keys are opened first, because they must be removed from everything that Azure returns.
    const opened = await openKeys(input, dependencies);
    if (!("ok" in opened)) return opened;
    const { body, values, given, sealed } = opened.ok;
    const filter = keyFilterOf(values);
    return callAzure(input, { resourceManager, filter }, async ({ call, readConnection }) => {
      const found = await readConnection("get");
      if (!("ok" in found)) return found;
      const { resource, retryAfterSeconds } = found.ok;
      const decision = await decideWithNote(input, resource, given, filter, () => dependencies.notes.read(context, instanceId));
      if (decision === undefined) return instanceStateUnknown;
      const { what, diff, change } = decision;
      const submitted: Submitted = { change, diff, given, sealed, warnings: [], armState: safeStateOf(resource, filter) };

      if (what === "busy") return busyResultOf(submitted.armState, retryAfterSeconds);
      if (what === "put") {
        const before: Before = {
          existed: resource !== undefined,
          etag: String(field(resource, "etag") ?? ""),
          ...(resource ? { diff } : {}),
        };
        const refusal = await findRefusalToPut(input, before, given, dependencies, context);
        if (refusal && "problem" in refusal) log("abandoned", about);
        if (refusal) return refusal;
        const put = await call("put", (ids) => resourceManager.putConnection(target, body, ids));
        return resultOfPut(put, before, submitted, { resourceManager, filter, log, about });
      }
      log(what, { ...about, armState: submitted.armState });
      if (what === "unchanged")
        return { ok: { status: "notNeeded", resource: filter.resource(resource), armState: submitted.armState ?? "Unknown" } };
      // Without a response to our PUT it is not certain which keys Azure has now.
      const uncertain: Submitted = { ...submitted, given: { keys: [], source: given.source } };
      if (what === "adopted") return { ok: { status: "running", ...uncertain, operationUrl: null, operationId: null, retryAfterSeconds } };
      // The read that shows that an earlier PUT is done is also the read after it.
      return { ok: { status: "done", ...uncertain, verification: judgeConnection({ target, attempt: 1 }, found.ok, filter, log) } };
    });
  };
}

/**
 * Decides whether a PUT is needed. If only keys differ, also reads whether an earlier run of this
 * try has sent them. Returns undefined if the store cannot say that.
 */
async function decideWithNote(
  input: PutConnectionInput,
  resource: object | undefined,
  given: GivenKeys,
  filter: KeyFilter,
  readNote: () => Promise<SubmissionNote | undefined>,
): Promise<Decision | undefined> {
  const decision = decidePut(input, resource, given, filter);
  if (!dependsOnKeys(decision, resource)) return decision;
  const note = await readNote().catch(() => "unknown" as const);
  if (note === "unknown") return undefined;
  return note?.attempt === input.attempt ? decidePut({ ...input, before: note.before }, resource, given, filter) : decision;
}

/**
 * Checks that the instance has not ended, and stores a note if the request has keys. Returns why
 * the PUT must not be sent; undefined if it may be sent.
 */
async function findRefusalToPut(
  { instanceId, attempt }: PutConnectionInput,
  before: Before,
  given: GivenKeys,
  { isAlive, notes }: Dependencies,
  context: InvocationContext,
): Promise<Settled<never> | undefined> {
  // An activity may outlive its instance. If the instance was terminated, another request may hold
  // the gateway now.
  const alive = await isAlive(context, instanceId).catch(() => undefined);
  if (alive === undefined) return instanceStateUnknown;
  if (!alive) return { problem: problem("Interrupted", "The request was stopped from outside before its change was sent to Azure.") };
  if (given.keys.length === 0) return undefined;
  const isNoted = await notes.write(context, instanceId, { attempt, before }).then(
    () => true,
    () => false,
  );
  return isNoted ? undefined : instanceStateUnknown;
}

function busyResultOf(armState: string | null, afterSeconds: number | null): Settled<never> {
  const because = problem(
    "GatewayBusy",
    `Another change of this connection is in progress in Azure (${armState}). Send the request again when it has finished.`,
  );
  return { later: { class: "busy", problem: because, ...(afterSeconds === null ? {} : { afterSeconds }) } };
}
