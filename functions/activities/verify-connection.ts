import type { ResourceManager } from "../../azure/resource-manager.ts";
import { isSameConnection } from "../../shared/arm/comparison.ts";
import { connectionOf, connectionStateOf } from "../../shared/arm/connection-state.ts";
import { missingConnection, missingResponse, refusalOf } from "../../shared/arm/errors.ts";
import { waitOf } from "../../shared/arm/response.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { problem } from "../../shared/contract/problem.ts";
import { gatewayId } from "../../shared/resource-id.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import { isAnswer, ledgerOf } from "../attempt.ts";
import type { ConnectionInput, Try } from "../connection-input.ts";
import type { Activity } from "./without-secrets.ts";

/** Where the service names no wait: 10 s, then about a tenth of the time waited so far, as polls do, so that hours stay few reads. */
const stillUpdatingSeconds = (attempt: number) => Math.round(Math.min(10 * 1.1 ** (attempt - 1), 900));

export interface VerifyConnectionInput extends ConnectionInput, Try {
  /** Given where the operation was superseded: the connection must be this one, whoever made it so. */
  readonly desired?: VpnConnection;
}

/** Reads the connection back: it and every link connection must say Succeeded, because Azure calls operations done too early. Answers the resource as the service gave it, secret fields aside. */
export function verifyConnection({
  resourceManager,
  keys,
}: {
  resourceManager: ResourceManager;
  keys: KeyRing;
}): Activity<VerifyConnectionInput, unknown> {
  return async (input, log) => {
    const { instanceId, target, desired, attempt } = input;
    const filter = keyFilterOf(openSecrets(input, keys));
    const { attempts, call } = ledgerOf(input, filter);
    const answer = await call("verify", (ids) => resourceManager.getConnection(target, ids));
    if (!isAnswer(answer)) return { ...missingResponse("read the connection back", answer), attempts };
    if (answer.status === 404)
      return { problem: problem("ResourceVanished", "The connection disappeared from Azure after the change."), attempts };
    if (answer.status !== 200) return { ...refusalOf(answer, "read the connection back", filter), attempts };
    const resource = connectionOf(answer);
    if (!resource) return { ...missingConnection("read the connection back"), attempts };
    const state = connectionStateOf(resource);
    if (state === "InProgress") {
      const because = problem("ProvisioningFailed", "Azure reported the operation as finished, but the connection is still changing.");
      return { later: { class: "busy", afterSeconds: waitOf(answer) ?? stillUpdatingSeconds(attempt), problem: because }, attempts };
    }
    if (state !== "Succeeded")
      return {
        problem: problem(
          "ProvisioningFailed",
          "Azure reported the operation as finished, but the connection or one of its links is in a failed state.",
        ),
        attempts,
      };
    if (desired && !isSameConnection(desired, resource)) {
      const text = "Another change replaced this one in Azure, and the connection is not as requested. Send the request again.";
      return { problem: problem("OperationCanceled", text), attempts };
    }
    log("verified", { instanceId, gatewayId: gatewayId(target) });
    return { ok: filter.resource(resource), attempts };
  };
}
