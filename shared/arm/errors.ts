import { type ArmError, type ProblemCode, problem } from "../contract/problem.ts";
import type { LaterClass, Settled } from "../durable/settled.ts";
import type { KeyFilter } from "../secrets/key-filter.ts";
import { errorCodes, findTextsNamed } from "./error-tree.ts";
import { type ArmResponse, armErrorOf, waitOf } from "./response.ts";

interface Rule {
  readonly status?: readonly number[];
  /** Codes anywhere in the error, because Resource Manager wraps what a provider says. */
  readonly codes?: RegExp;
  /** Try again, within the budget of this class; a rule without it is final. */
  readonly later?: LaterClass;
  /** What the requester is told, at once or when the budget is used up; who must act stands in the table of problem codes. */
  readonly code: ProblemCode;
  readonly source: string;
}

const throttling = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling";
const errors = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/troubleshooting/common-deployment-errors";
const roles = "https://learn.microsoft.com/en-us/azure/virtual-wan/roles-permissions";

/** What an error of Resource Manager means. The first rule that matches decides. */
const rules: readonly Rule[] = [
  // Final whatever the status: somebody has to change something first.
  { codes: /^(ScopeLocked|ReadOnlyDisabledSubscription)$/, code: "NotAuthorized", source: errors },
  { codes: /^RequestDisallowedByPolicy$/, code: "NotAuthorized", source: errors },
  { codes: /^(LinkedAccessCheckFailed|LinkedAuthorizationFailed|AuthorizationFailed)$/, code: "NotAuthorized", source: roles },
  { codes: /(Quota|Limit|MaxCount)\w*(Exceeded|Reached)$|^(QuotaExceeded|ResourceQuotaExceeded)$/, code: "QuotaExceeded", source: errors },
  // A lock, not a quota, although the status is 429; the gateway is busy for a while.
  {
    codes: /^(AnotherOperationInProgress|RetryableErrorDueToAnotherOperation|UpdateGatewayInProgress)$/,
    later: "busy",
    code: "GatewayBusy",
    source: throttling,
  },
  {
    codes: /^(ReferencedResourceNotProvisioned|ResourceNotProvisioned|RetryableError)$/,
    later: "busy",
    code: "GatewayBusy",
    source: "https://github.com/Azure/Azure-Landing-Zones/issues/4134",
  },
  { status: [401], later: "unauthorized", code: "NotAuthorized", source: errors },
  { status: [403], code: "NotAuthorized", source: errors },
  { status: [404, 410], code: "NotFound", source: errors },
  { status: [408, 429, 500, 502, 503, 504], later: "transient", code: "ServiceUnavailable", source: throttling },
  // Nothing of ours is conditional, and a conflict without a known code may pass: a bounded number of tries, each of which reads first.
  { status: [409, 412], later: "transient", code: "RequestRefused", source: errors },
];

const unknownClientError: Rule = { code: "RequestRefused", source: errors };
const unknownServerError: Rule = { later: "transient", code: "ServiceUnavailable", source: errors };

/** The permissions that the app's identity needs. */
const rights = [
  "vpnGateways/read",
  "vpnGateways/vpnConnections/read",
  "vpnGateways/vpnConnections/write",
  "vpnGateways/natRules/read",
  "virtualHubs/read",
  "virtualHubs/hubRouteTables/read",
  "virtualHubs/routeMaps/read",
  "vpnSites/read",
  "vpnSites/vpnSiteLinks/read",
  "locations/operations/read",
].map((right) => `Microsoft.Network/${right}`);

/**
 * Classifies an answer that is not a success: try later, or a problem; unknown 4xx are final, unknown 5xx pass. Azure's own words decide, and are told
 * without the keys of the request.
 */
export function refusalOf(response: ArmResponse, doing: string, filter: KeyFilter): Settled<never> {
  const raw = armErrorOf(response);
  const rule = ruleFor(response.status, raw);
  const arm = filter.error(raw);
  const said = (arm.code ?? arm.message) ? `${arm.code ?? "no code"}: ${arm.message ?? "no message"}` : "no error body";
  const advised = advice(errorCodes(raw), arm);
  const because = problem(rule.code, `Resource Manager refused to ${doing} (HTTP ${response.status}, ${said}).${advised}`, { arm });
  if (!rule.later) return { problem: because };
  const afterSeconds = waitOf(response);
  return { later: { class: rule.later, problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/** Whether the same change may succeed when it is asked for again, by the error its operation ended with: the table is the same as for answers. */
export function mayPass(arm: ArmError): boolean {
  return ruleFor(/^(Internal|Service|Gateway)\w*Error$|Timeout/i.test(arm.code ?? "") ? 500 : 400, arm).later !== undefined;
}

function ruleFor(status: number, arm: ArmError): Rule {
  const codes = errorCodes(arm);
  const fits = (rule: Rule) =>
    (rule.codes === undefined || codes.some((code) => rule.codes?.test(code))) && (rule.status?.includes(status) ?? true);
  return rules.find(fits) ?? (status >= 500 ? unknownServerError : unknownClientError);
}

/** Returns what the operator needs to know besides Azure's own words. */
function advice(codes: readonly string[], arm: ArmError): string {
  if (codes.includes("LinkedAccessCheckFailed"))
    return ` Azure names only one missing permission at a time. The role of the app needs all of these: ${rights.join(", ")}.`;
  if (!codes.includes("RequestDisallowedByPolicy")) return "";
  const policies = findTextsNamed(arm, [
    "policyDefinitionDisplayName",
    "policyAssignmentDisplayName",
    "policyDefinitionName",
    "policyAssignmentName",
  ]);
  return policies.length > 0 ? ` Policy: ${policies.join(", ")}.` : "";
}

/** Returned if a read succeeded but its body is not a connection. */
export function noConnection(doing: string): Settled<never> {
  const message = `Resource Manager was asked to ${doing}, but its response is not a connection.`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** Returned if a call got no response: the connection broke or the time ran out. The service may have acted. */
export function noAnswer(doing: string, error: unknown): Settled<never> {
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : error instanceof Error
        ? error.name
        : "unknown";
  return {
    later: {
      class: "transient",
      problem: problem("ServiceUnavailable", `Resource Manager was asked to ${doing}, but did not respond (${code}).`),
    },
  };
}
