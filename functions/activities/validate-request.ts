import type { ResourceManager } from "../../azure/resource-manager.ts";
import { type AllowedSecrets, findAccessFault, findSecretFaults } from "../../shared/access/allowed-secrets.ts";
import { findTargetProblem } from "../../shared/access/targets.ts";
import { isMissingCode } from "../../shared/arm/preflight-rules.ts";
import { sortFindings } from "../../shared/contract/finding.ts";
import { describeInDocument } from "../../shared/contract/in-document.ts";
import { invalidity } from "../../shared/contract/invalidity.ts";
import { problem } from "../../shared/contract/problem.ts";
import { ticketIdOf } from "../../shared/contract/request-names.ts";
import { validate } from "../../shared/contract/validate.ts";
import { unsupportedVersion } from "../../shared/contract/versions.ts";
import { dataOf } from "../../shared/durable/request.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { collectSealed, openSecrets } from "../../shared/secrets/sealing.ts";
import type { Settings } from "../../shared/settings.ts";
import type { ActivityNamed } from "./activity.ts";
import { type PreflightMode, runPreflight } from "./preflight.ts";
import { rememberReads } from "./remembered-reads.ts";

/** After how many seconds missing resources are read again, for each try. */
const secondsToNextCheck: readonly number[] = [5, 10];

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
  now,
  isTraced = false,
}: {
  resourceManager: ResourceManager;
  preflightMode: PreflightMode;
  keys: KeyRing;
  allowed: AllowedSecrets & Pick<Settings, "ALLOWED_TARGETS">;
  now: () => Date;
  /** Whether later steps need the request's trace context. */
  isTraced?: boolean;
}): ActivityNamed<"validateRequest"> {
  const reads = rememberReads(now);
  return async (request, log) => {
    const { instanceId, requestId, requestSource, type, ticket, policy, warnings = [], traceparent, attempt } = request;
    const unsupported = unsupportedVersion(type);
    if (unsupported) return { problem: problem("UnsupportedVersion", unsupported, { target: "/type" }) };
    const document = { type, data: dataOf(request) };
    const { valid, findings: ofContract } = validate(document.data, ticket, policy.raisedWarnings);
    const foreign = valid && findTargetProblem(requestSource, valid.target, allowed.ALLOWED_TARGETS);
    if (foreign) return { problem: { ...describeInDocument(foreign, document), details: warnings } };
    const ofSecrets = findSecretFaults(valid ? { connection: valid.desired } : document.data, (secret) => findAccessFault(secret, allowed));
    if (valid && ofSecrets.length > 0) {
      const details = sortFindings([...warnings, ...ofSecrets.map((finding) => describeInDocument(finding, document))]);
      const { message = "", target } = details.find(({ severity }) => severity === "error") ?? {};
      return { problem: problem("SecretNotAllowed", message, { target, details }) };
    }
    const sealed = valid ? collectSealed(valid.desired, ["connection"]) : {};
    const { findings: ofAzure, attempts } = valid
      ? await runPreflight(
          valid,
          { instanceId, attempt, filter: keyFilterOf(openSecrets({ instanceId, sealed }, keys)) },
          { resourceManager, reads, mode: preflightMode },
        )
      : { findings: [], attempts: [] };
    const ofData = [...ofContract, ...ofSecrets, ...ofAzure].map((finding) => describeInDocument(finding, document));
    const findings = sortFindings([...warnings, ...ofData]);
    const errors = findings.filter(({ severity }) => severity === "error");
    if (!valid || errors.length > 0) {
      const because = invalidity("request", findings);
      const afterSeconds = secondsToNextCheck[attempt - 1];
      // What was created a moment ago may be missing in one read and present in the next.
      if (valid && afterSeconds !== undefined && errors.every(({ code }) => isMissingCode(code)))
        return { later: { class: "missing", afterSeconds, problem: because }, attempts };
      return { problem: because, attempts };
    }
    log("validated", { warnings: findings.length });
    const { target, desired, ...limits } = valid;
    const trace = isTraced && traceparent ? { traceparent } : {};
    const connection = { instanceId, requestId, ticketId: ticketIdOf(ticket), target, sealed, ...trace };
    return { ok: { connection, desired, warnings: findings, ...limits }, attempts };
  };
}
