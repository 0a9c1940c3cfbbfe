import type { ResourceManager } from "../../azure/resource-manager.ts";
import { type ArmResponse, bodyOf, provisioningStateOf, waitOf } from "../../shared/arm/response.ts";
import type { Finding } from "../../shared/contract/finding.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import type { RunningOperation, Submitted } from "./put-connection.ts";

/** The provisioning state of a resource, as an answer may tell it; null if it shows none. */
export function shownState(resource: unknown, filter: KeyFilter): string | null {
  const state = provisioningStateOf(resource);
  return state === undefined ? null : filter.word(state);
}

/** The operation of an accepted PUT: by its Azure-AsyncOperation URL, else, when nothing but a promise came, by its Location, else by the resource itself. */
export function operationOf(put: ArmResponse, submitted: Submitted, resourceManager: ResourceManager, filter: KeyFilter): RunningOperation {
  const given = put.headers["azure-asyncoperation"] ?? (put.status === 202 ? put.headers["location"] : undefined) ?? null;
  const own = given !== null && resourceManager.isOwn(given);
  const foreign: Finding = {
    code: "ForeignOperationUrl",
    severity: "warning",
    target: "",
    actor: "nobody",
    message: "Azure returned an operation URL outside the configured endpoint, so the connection itself was polled instead.",
  };
  return {
    ...submitted,
    status: "running",
    change: put.status === 201 ? "Created" : submitted.change,
    operationUrl: own ? given : null,
    operationId: own ? (new URL(given).pathname.split("/").at(-1) ?? null) : null,
    retryAfterSeconds: waitOf(put) ?? null,
    armState: shownState(bodyOf(put), filter),
    warnings: given !== null && !own ? [foreign] : [],
  };
}
