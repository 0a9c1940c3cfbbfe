import type { ResourceManager } from "../../azure/resource-manager.ts";
import { type AllowedSecrets, secretRefusal } from "../../shared/access/allowed-secrets.ts";
import { targetRefusal } from "../../shared/access/targets.ts";
import { inOrder } from "../../shared/contract/finding.ts";
import { problem } from "../../shared/contract/problem.ts";
import { validate } from "../../shared/contract/validate.ts";
import { unsupportedVersion } from "../../shared/contract/versions.ts";
import { dataOf } from "../../shared/durable/request.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { sealedIn, secretsOf } from "../../shared/secrets/sealing.ts";
import type { Settings } from "../../shared/settings.ts";
import type { ActivityNamed } from "./activity.ts";
import { type PreflightMode, runPreflight } from "./preflight.ts";

/**
 * Checks a request against the contract, then whether its source may change this gateway and use
 * these secrets, and only then whether the Azure resources exist. Returns all findings in one
 * problem.
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
}): ActivityNamed<"validateRequest"> {
  return async (request, log) => {
    const { instanceId, requestSource, type, ticket, policy, warnings = [], attempt } = request;
    const unsupported = unsupportedVersion(type);
    if (unsupported) return { problem: problem("UnsupportedVersion", unsupported, { target: "/@type" }) };
    const { valid, findings: ofContract } = validate(dataOf(request), ticket, policy.raisedWarnings);
    const refused = valid && (targetRefusal(requestSource, valid.target, allowed.ALLOWED_TARGETS) ?? secretRefusal(valid.desired, allowed));
    if (refused) {
      log("rejected", { instanceId, problem: refused.code });
      return { problem: { ...refused, details: warnings } };
    }
    const sealed = valid ? sealedIn(valid.desired, ["connection"]) : {};
    const { findings: ofAzure, attempts } = valid
      ? await runPreflight(
          valid,
          { instanceId, attempt, filter: keyFilterOf(secretsOf({ instanceId, sealed }, keys)) },
          resourceManager,
          preflightMode,
        )
      : { findings: [], attempts: [] };
    const findings = inOrder([...warnings, ...ofContract, ...ofAzure]);
    const errors = findings.filter(({ severity }) => severity === "error");
    if (!valid || errors.length > 0) {
      log("rejected", { instanceId, errors: errors.length });
      const count = `${findings.some(({ code }) => code === "Truncated") ? "at least " : ""}${errors.length}`;
      const message = `The request has ${count} error${errors.length === 1 ? "" : "s"}; the first: ${errors[0]?.target} ${errors[0]?.message}`;
      return { problem: problem("InvalidRequest", message, { details: findings }), attempts };
    }
    log("validated", { instanceId, warnings: findings.length });
    const { target, desired, ...limits } = valid;
    const connection = { instanceId, target, sealed };
    return { ok: { connection, desired, warnings: findings, ...limits }, attempts };
  };
}
