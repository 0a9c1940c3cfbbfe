import type { ResourceManager } from "../../azure/resource-manager.ts";
import { connectionOf, connectionStateOf } from "../../shared/arm/connection-state.ts";
import { missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { waitOf } from "../../shared/arm/response.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure, isResponse, omitSuccessfulCalls } from "./azure-calls.ts";

/**
 * Reads whether a change of a connection is in progress in Azure. A connection that does not exist
 * is settled.
 */
export function readConnectionState({
  resourceManager,
  keys,
}: {
  readonly resourceManager: ResourceManager;
  readonly keys: KeyRing;
}): ActivityNamed<"readConnectionState"> {
  return async (input) => {
    const filter = keyFilterOf(openSecrets(input, keys));
    const settled = await callAzure(input, { resourceManager, filter }, async ({ call }) => {
      const response = await call("get", (ids) => resourceManager.getConnection(input.target, ids));
      if (!isResponse(response)) return missingResponse("read the connection", response);
      if (response.status === 404) return { ok: { settled: true, retryAfterSeconds: null } };
      if (response.status !== 200) return refusalOf(response, "read the connection", filter);
      // If the body is not a connection, the state is unknown, so it counts as not settled.
      const resource = connectionOf(response);
      const isSettled = resource !== undefined && connectionStateOf(resource) !== "InProgress";
      return { ok: { settled: isSettled, retryAfterSeconds: waitOf(response) ?? null } };
    });
    return omitSuccessfulCalls(settled, "get");
  };
}
