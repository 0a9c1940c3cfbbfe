import { noAnswer, noConnection, refusalOf } from "../shared/arm-errors.ts";
import type { ResourceManager } from "../shared/azure/resource-manager.ts";
import { sameConnection } from "../shared/comparison.ts";
import { connectionIn, connectionStateOf } from "../shared/connection-state.ts";
import type { VpnConnection } from "../shared/contract/connection.ts";
import { keyFilterOf } from "../shared/key-filter.ts";
import type { KeyRing } from "../shared/key-ring.ts";
import { waitOf } from "../shared/operation.ts";
import { problem } from "../shared/problem.ts";
import { gatewayId } from "../shared/resource-id.ts";
import { secretsOf } from "../shared/sealing.ts";
import { isAnswer, ledgerOf } from "./attempt.ts";
import type { ConnectionInput, Try } from "./connection-input.ts";
import type { Activity } from "./settle.ts";

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
    const filter = keyFilterOf(secretsOf(input, keys));
    const { attempts, call } = ledgerOf(input, filter);
    const answer = await call("verify", (ids) => resourceManager.getConnection(target, ids));
    if (!isAnswer(answer)) return { ...noAnswer("read the connection back", answer), attempts };
    if (answer.status === 404)
      return { problem: problem("ResourceVanished", "The connection disappeared from Azure after the change."), attempts };
    if (answer.status !== 200) return { ...refusalOf(answer, "read the connection back", filter), attempts };
    const resource = connectionIn(answer);
    if (!resource) return { ...noConnection("read the connection back"), attempts };
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
    if (desired && !sameConnection(desired, resource)) {
      const text = "Another change replaced this one in Azure, and the connection is not as requested. Send the request again.";
      return { problem: problem("OperationCanceled", text), attempts };
    }
    log("verified", { instanceId, gatewayId: gatewayId(target) });
    return { ok: filter.resource(resource), attempts };
  };
}
