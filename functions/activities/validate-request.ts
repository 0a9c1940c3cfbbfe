import type { ResourceManager } from "../../azure/resource-manager.ts";
import { type AllowedSecrets, findSecretProblem } from "../../shared/access/allowed-secrets.ts";
import { findTargetProblem } from "../../shared/access/targets.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { type Finding, sortFindings } from "../../shared/contract/finding.ts";
import { describeInDocument } from "../../shared/contract/in-document.ts";
import { invalidity } from "../../shared/contract/invalidity.ts";
import { problem } from "../../shared/contract/problem.ts";
import { validate } from "../../shared/contract/validate.ts";
import { unsupportedVersion } from "../../shared/contract/versions.ts";
import { dataOf, type ProvisioningRequest } from "../../shared/durable/request.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { collectSealed, openSecrets } from "../../shared/secrets/sealing.ts";
import type { Settings } from "../../shared/settings.ts";
import type { ConnectionInput, Try } from "../connection-input.ts";
import { type PreflightMode, preflight } from "./preflight.ts";
import type { Activity } from "./without-secrets.ts";

export interface ValidateRequestInput extends ProvisioningRequest, Try {}

/** A request that may be carried out. */
export interface ValidatedRequest {
  readonly connection: ConnectionInput;
  /** The body to send, its keys sealed. */
  readonly desired: VpnConnection;
  readonly warnings: readonly Finding[];
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

/**
 * Judges a request against the contract, then whether its source may change this gateway and name
 * these secrets, and only then against what is in Azure. Returns all findings at once.
 */
export function validateRequest({
  resourceManager,
  preflightMode,
  keys,
  allowed,
}: {
  resourceManager: ResourceManager;
  preflightMode: PreflightMode;
  keys: KeyRing;
  allowed: AllowedSecrets & Pick<Settings, "ALLOWED_TARGETS">;
}): Activity<ValidateRequestInput, ValidatedRequest> {
  return async (request, log) => {
    const { instanceId, requestSource, type, ticket, policy, warnings = [], attempt } = request;
    const unsupported = unsupportedVersion(type);
    if (unsupported) return { problem: problem("UnsupportedVersion", unsupported, { target: "/type" }) };
    const document = { type, data: dataOf(request) };
    const { valid, findings: ofContract } = validate(document.data, ticket, policy.raisedWarnings);
    const refused =
      valid && (findTargetProblem(requestSource, valid.target, allowed.ALLOWED_TARGETS) ?? findSecretProblem(valid.desired, allowed));
    if (refused) {
      log("rejected", { instanceId, problem: refused.code });
      return { problem: { ...describeInDocument(refused, document), details: warnings } };
    }
    const sealed = valid ? collectSealed(valid.desired, ["connection"]) : {};
    const { findings: ofAzure, attempts } = valid
      ? await preflight(
          valid,
          { instanceId, attempt, filter: keyFilterOf(openSecrets({ instanceId, sealed }, keys)) },
          resourceManager,
          preflightMode,
        )
      : { findings: [], attempts: [] };
    const ofData = [...ofContract, ...ofAzure].map((finding) => describeInDocument(finding, document));
    const findings = sortFindings([...warnings, ...ofData]);
    const errors = findings.filter(({ severity }) => severity === "error");
    if (!valid || errors.length > 0) {
      log("rejected", { instanceId, errors: errors.length });
      return { problem: invalidity("request", findings), attempts };
    }
    log("validated", { instanceId, warnings: findings.length });
    const { target, desired, ...limits } = valid;
    const connection = { instanceId, target, sealed };
    return { ok: { connection, desired, warnings: findings, ...limits }, attempts };
  };
}
