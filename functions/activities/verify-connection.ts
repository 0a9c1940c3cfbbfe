import type { ResourceManager } from "../../azure/resource-manager.ts";
import { isSameConnection } from "../../shared/arm/comparison.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import { problem } from "../../shared/contract/problem.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure } from "./azure-calls.ts";

/**
 * Returns the seconds until the next read if there is no Retry-After. It is 10 at first and then
 * about a tenth of the time waited so far, as for polls. So hours of waiting cost few reads.
 */
const secondsToNextLook = (attempt: number) => Math.round(Math.min(10 * 1.1 ** (attempt - 1), 900));

/**
 * Reads the connection after the change. The connection and every link connection must be
 * Succeeded, because Azure may report an operation as done too early. Returns the resource without
 * its keys.
 */
export function verifyConnection({
  resourceManager,
  keys,
}: {
  readonly resourceManager: ResourceManager;
  readonly keys: KeyRing;
}): ActivityNamed<"verifyConnection"> {
  return async (input, log) => {
    const { target, desired, attempt } = input;
    const filter = keyFilterOf(openSecrets(input, keys));
    return callAzure(input, { resourceManager, filter }, async ({ readConnection }) => {
      const found = await readConnection("verify", "read the connection back");
      if (!("ok" in found)) return found;
      const { resource, retryAfterSeconds } = found.ok;
      if (!resource)
        return {
          later: { class: "missing", problem: problem("ResourceVanished", "The connection disappeared from Azure after the change.") },
        };
      const state = connectionStateOf(resource);
      if (state === "InProgress") {
        const because = problem("ProvisioningFailed", "Azure reported the operation as finished, but the connection is still changing.");
        return { later: { class: "busy", afterSeconds: retryAfterSeconds ?? secondsToNextLook(attempt), problem: because } };
      }
      if (state !== "Succeeded") {
        const text = "Azure reported the operation as finished, but the connection or one of its links is in a failed state.";
        return { problem: problem("ProvisioningFailed", text) };
      }
      if (desired && !isSameConnection(desired, resource)) {
        const text = "Another change replaced this one in Azure, and the connection is not as requested. Send the request again.";
        return { problem: problem("OperationCanceled", text) };
      }
      log("verified", { gatewayId: gatewayId(target) });
      return { ok: filter.resource(resource) };
    });
  };
}
