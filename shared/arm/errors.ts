import { type ArmError, type Problem, type ProblemCode, problem } from "../contract/problem.ts";
import type { LaterClass, Settled } from "../durable/settled.ts";
import type { KeyFilter } from "../secrets/key-filter.ts";
import { errorCodes, findTextsNamed } from "./error-tree.ts";
import { type ArmResponse, armErrorOf, waitOf } from "./response.ts";

interface Rule {
  readonly status?: readonly number[];
  /** Matches a code anywhere in the error, because Resource Manager wraps other errors. */
  readonly codes?: RegExp;
  /** Try again within the budget of this class. If not set, the error is final. */
  readonly later?: LaterClass;
  /** Set if the requester can send the request again after the budget is used up. */
  readonly retryable?: true;
  /** The problem code, used at once or after the budget is used up. */
  readonly code: ProblemCode;
  readonly source: string;
}

const throttling = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling";
const errors = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/troubleshooting/common-deployment-errors";
const roles = "https://learn.microsoft.com/en-us/azure/virtual-wan/roles-permissions";

/** The meaning of error responses of Resource Manager. The first rule that matches decides. */
const rules: readonly Rule[] = [
  // Final for every status, because a person must change something first.
  { codes: /^(ScopeLocked|ReadOnlyDisabledSubscription)$/, code: "NotAuthorized", source: errors },
  { codes: /^RequestDisallowedByPolicy$/, code: "NotAuthorized", source: errors },
  { codes: /^(LinkedAccessCheckFailed|LinkedAuthorizationFailed|AuthorizationFailed)$/, code: "NotAuthorized", source: roles },
  { codes: /(Quota|Limit|MaxCount)\w*(Exceeded|Reached)$|^(QuotaExceeded|ResourceQuotaExceeded)$/, code: "QuotaExceeded", source: errors },
  // The status is 429, but the reason is a lock and not a quota: the gateway is busy.
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
  // What the request refers to exists, but Azure does not see it or has not finished it yet.
  {
    codes: /^InvalidResourceReference$|MustHaveProvisioned\w*State$|NotProvisioned$/,
    later: "transient",
    retryable: true,
    code: "RequestRefused",
    source: "https://github.com/Azure/terraform-provider-azapi/issues/402",
  },
  { status: [401], later: "unauthorized", code: "NotAuthorized", source: errors },
  { status: [403], code: "NotAuthorized", source: errors },
  // One 404 is not the truth: the replicas of Resource Manager lag behind a change.
  {
    status: [404],
    later: "missing",
    code: "NotFound",
    source: "https://github.com/Azure/azure-rest-api-specs/issues/10148",
  },
  { status: [410], code: "NotFound", source: errors },
  { status: [408, 429, 500, 502, 503, 504], later: "transient", code: "ServiceUnavailable", source: throttling },
  // Our requests have no conditions, so such a conflict may be temporary. Each try reads first.
  { status: [409, 412], later: "transient", code: "RequestRefused", source: errors },
];

const unknownClientError: Rule = { code: "RequestRefused", source: errors };
const unknownServerError: Rule = { later: "transient", code: "ServiceUnavailable", source: errors };

/** The rights that the app's identity needs. An error of Azure names only one missing right. */
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
  "locations/operationResults/read",
].map((right) => `Microsoft.Network/${right}`);

/**
 * Classifies a response that is not a success as `later` or as a problem. An unknown 4xx is final,
 * an unknown 5xx is tried again. The rules see Azure's error unchanged. The problem contains it
 * without the keys of the request.
 */
export function refusalOf(response: ArmResponse, doing: string, filter: KeyFilter): Settled<never> {
  const raw = armErrorOf(response);
  const rule = ruleFor(response.status, raw);
  const arm = filter.error(raw);
  const said = (arm.code ?? arm.message) ? `${arm.code ?? "no code"}: ${arm.message ?? "no message"}` : "no error body";
  const advice = adviceFor(errorCodes(raw), arm);
  const final = problem(rule.code, `Resource Manager refused to ${doing} (HTTP ${response.status}, ${said}).${advice}`, { arm });
  const refusal: Problem = rule.retryable ? { ...final, retryable: true, actor: "nobody" } : final;
  if (!rule.later) return { problem: refusal };
  const afterSeconds = waitOf(response);
  return { later: { class: rule.later, problem: refusal, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/**
 * Returns true if the same change may succeed later, by the error that ended its operation. It uses
 * the same rules as `refusalOf`.
 */
export function isTemporary(arm: ArmError): boolean {
  return ruleFor(/^(Internal|Service|Gateway)\w*Error$|Timeout/i.test(arm.code ?? "") ? 500 : 400, arm).later !== undefined;
}

/**
 * Returns the class of a call that may be tried again, by its status and Azure's code. A call
 * without a response has no status. Returns undefined if the call succeeded, or if its error is
 * final.
 */
export function laterClassOf(status: number | null, code: string | null): LaterClass | undefined {
  if (status === null) return "transient";
  return status < 400 ? undefined : ruleFor(status, { status, code, message: null, details: [] }).later;
}

function ruleFor(status: number, arm: ArmError): Rule {
  const codes = errorCodes(arm);
  const matches = (rule: Rule) =>
    (rule.codes === undefined || codes.some((code) => rule.codes?.test(code))) && (rule.status?.includes(status) ?? true);
  return rules.find(matches) ?? (status >= 500 ? unknownServerError : unknownClientError);
}

/** Returns a sentence for the operator that Azure's error does not contain, or nothing. */
function adviceFor(codes: readonly string[], arm: ArmError): string {
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

/** Returned for a successful response to a read whose body is no connection. */
export function missingConnection(doing: string): Settled<never> {
  const message = `Resource Manager was asked to ${doing}, but its response is not a connection.`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/**
 * Returned for a call without a response: the network failed or the time ran out. Whether Azure
 * carried the call out is unknown.
 */
export function missingResponse(doing: string, error: unknown): Settled<never> {
  const message = `Resource Manager was asked to ${doing}, but did not respond (${errorNameOf(error)}).`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** The code or the class of an error. Its message may hold a URL with a secret. */
function errorNameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
