import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf, connectionStateOf } from "../../shared/arm/connection-state.ts";
import { missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { waitOf } from "../../shared/arm/response.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import { isAnswer, ledgerOf } from "../attempt.ts";
import type { ConnectionInput, Try } from "../connection-input.ts";
import type { Activity } from "./without-secrets.ts";

/** Whether nothing changes a connection at the moment. */
export interface ConnectionState {
  readonly settled: boolean;
  readonly retryAfterSeconds: number | null;
}

/** Reads a connection that somebody else may have left in the middle of a change; one that is not there is settled. */
export function readConnectionState({
  resourceManager,
  keys,
}: {
  resourceManager: ResourceManager;
  keys: KeyRing;
}): Activity<ConnectionInput & Try, ConnectionState> {
  return async (input) => {
    const filter = keyFilterOf(openSecrets(input, keys));
    const { attempts, call } = ledgerOf(input, filter);
    const answer = await call("get", (ids) => resourceManager.getConnection(input.target, ids));
    if (!isAnswer(answer)) return { ...missingResponse("read the connection", answer), attempts };
    if (answer.status === 404) return { ok: { settled: true, retryAfterSeconds: null } };
    if (answer.status !== 200) return { ...refusalOf(answer, "read the connection", filter), attempts };
    const resource = connectionOf(answer);
    return {
      ok: { settled: resource !== undefined && connectionStateOf(resource) !== "InProgress", retryAfterSeconds: waitOf(answer) ?? null },
    };
  };
}
