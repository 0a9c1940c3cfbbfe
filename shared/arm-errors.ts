import { type ArmResponse, armErrorOf, waitOf } from "./operation.ts";
import { type ProblemCode, problem } from "./problem.ts";
import type { LaterClass, Settled } from "./settled.ts";

interface Rule {
  readonly status?: readonly number[];
  readonly codes?: readonly string[];
  readonly later?: LaterClass;
  readonly code: ProblemCode;
}

/**
 * What an error answer of Resource Manager means; the first rule that fits decides. A rule without `later` is final.
 * 429 and 5xx: https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling. Microsoft.Network answers 429
 * `RetryableErrorDueToAnotherOperation` for a lock, not for a quota (same page), and 409 `AnotherOperationInProgress` while the gateway is busy.
 */
const rules: readonly Rule[] = [
  {
    codes: ["AnotherOperationInProgress", "RetryableErrorDueToAnotherOperation", "UpdateGatewayInProgress"],
    later: "busy",
    code: "GatewayBusy",
  },
  { codes: ["ReferencedResourceNotProvisioned", "ResourceNotProvisioned", "RetryableError"], later: "busy", code: "GatewayBusy" },
  { status: [408, 429, 500, 502, 503, 504], later: "transient", code: "ServiceUnavailable" },
  { codes: ["ScopeLocked", "ReadOnlyDisabledSubscription", "RequestDisallowedByPolicy"], code: "NotAuthorized" },
  { status: [401, 403], code: "NotAuthorized" },
  { status: [404], code: "NotFound" },
];

/** Classifies an answer that is not a success: try later, or a problem; unknown 4xx are final, unknown 5xx pass. */
export function refusalOf(response: ArmResponse, doing: string): Settled<never> {
  const arm = armErrorOf(response);
  const fits = (rule: Rule) => (rule.codes?.includes(arm.code ?? "") ?? true) && (rule.status?.includes(response.status) ?? true);
  const unknown: Rule = response.status >= 500 ? { later: "transient", code: "ServiceUnavailable" } : { code: "RequestRefused" };
  const rule = rules.find(fits) ?? unknown;
  const said = (arm.code ?? arm.message) ? `${arm.code ?? "no code"}: ${arm.message ?? "no message"}` : "no error body";
  const because = problem(rule.code, `Resource Manager refused to ${doing} (HTTP ${response.status}, ${said})`, { arm });
  if (!rule.later) return { problem: because };
  const afterSeconds = waitOf(response);
  return { later: { class: rule.later, problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/** A read that was answered with success and something that is no connection. */
export function noConnection(doing: string): Settled<never> {
  const message = `Resource Manager answered the call to ${doing} with something that is no connection`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** A call that got no answer at all: the connection broke or the time ran out. Whether the service acted is unknown. */
export function noAnswer(doing: string, error: unknown): Settled<never> {
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : error instanceof Error
        ? error.name
        : "unknown";
  return {
    later: { class: "transient", problem: problem("ServiceUnavailable", `Resource Manager did not answer the call to ${doing} (${code})`) },
  };
}
