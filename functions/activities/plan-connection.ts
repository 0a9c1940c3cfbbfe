import { connectionOf } from "../../shared/arm/connection-state.ts";
import { missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { provisioningStateOf } from "../../shared/arm/response.ts";
import type { Change, Diff } from "../../shared/contract/completion.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import { isAnswer, ledgerOf } from "../attempt.ts";
import { decide } from "./decide-put.ts";
import { openKeys } from "./open-keys.ts";
import type { Dependencies, PutConnectionInput } from "./put-connection.ts";
import type { Activity } from "./without-secrets.ts";

/** What a request would do. */
export interface PlanConnectionResult {
  readonly change: Change;
  readonly diff: Diff;
  readonly resource: unknown;
  readonly armState: string | null;
}

/** Reads the connection and says what the request would change, without changing anything. */
export function planConnection({
  resourceManager,
  keyVault,
  keys,
}: Omit<Dependencies, "isAlive" | "notes">): Activity<PutConnectionInput, PlanConnectionResult> {
  return async (input, log) => {
    const { target, instanceId } = input;
    // The keys come first, so that whatever Azure says is told without them.
    const opened = await openKeys(input, { keys, keyVault });
    if (!("ok" in opened)) return opened;
    const filter = keyFilterOf(opened.ok.values);
    const { attempts, call } = ledgerOf(input, filter);
    const found = await call("get", (ids) => resourceManager.getConnection(target, ids));
    if (!isAnswer(found)) return { ...missingResponse("read the connection", found), attempts };
    if (found.status !== 404 && found.status !== 200) return { ...refusalOf(found, "read the connection", filter), attempts };
    const actual = found.status === 200 ? connectionOf(found) : undefined;
    if (found.status === 200 && !actual) return { ...missingConnection("read the connection"), attempts };
    const { what, change, diff } = decide(input, actual, opened.ok.given, filter);
    const armState = provisioningStateOf(actual);
    const planned: PlanConnectionResult = {
      change: what === "unchanged" ? "Unchanged" : change,
      diff,
      resource: actual ? filter.resource(actual) : null,
      armState: armState === undefined ? null : filter.word(armState),
    };
    log("planned", { instanceId, change: planned.change, differences: diff?.length });
    return { ok: planned, attempts };
  };
}
