import type { VpnConnection } from "../shared/contract/connection.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { validate } from "../shared/contract/validate.ts";
import { unsupportedVersion } from "../shared/contract/versions.ts";
import type { Finding } from "../shared/finding.ts";
import { problem } from "../shared/problem.ts";
import { sealedIn } from "../shared/sealing.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { Activity } from "./settle.ts";

/** A request that may be carried out. */
export interface ValidatedRequest {
  readonly connection: ConnectionInput;
  /** The body to send, its keys sealed. */
  readonly desired: VpnConnection;
  readonly warnings: readonly Finding[];
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

/** Judges a request against the contract: every finding at once, in milliseconds, before anything is asked of Azure. */
export const validateRequest: Activity<ProvisioningRequest, ValidatedRequest> = async ({ instanceId, type, data, ticket, policy }, log) => {
  const unsupported = unsupportedVersion(type);
  if (unsupported) return { problem: problem("UnsupportedVersion", unsupported, { target: "/@type" }) };
  const { valid, findings } = validate(data, ticket, policy.raisedWarnings);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (!valid) {
    log("rejected", { instanceId, errors: errors.length });
    const code = errors.every((finding) => finding.code === "NotSupported") ? "NotSupported" : "InvalidRequest";
    const message = `The request has ${errors.length} error${errors.length === 1 ? "" : "s"}; the first: ${errors[0]?.target} ${errors[0]?.message}`;
    return { problem: problem(code, message, { details: findings }) };
  }
  log("validated", { instanceId, warnings: findings.length });
  const { target, desired, ...limits } = valid;
  const connection = { instanceId, target, sealed: sealedIn(desired, ["connection"]) };
  return { ok: { connection, desired, warnings: findings, ...limits } };
};
