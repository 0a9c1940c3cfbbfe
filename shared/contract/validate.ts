import type { Target } from "../resource-id.ts";
import type { VpnConnection } from "./connection.ts";
import { cutToSchema } from "./cut.ts";
import { type Finding, limitFindings, MAX_FINDINGS, sortFindings } from "./finding.ts";
import { removeReadOnlyFields } from "./read-only.ts";
import { requestDataSchema } from "./request.ts";
import { ruleFindings } from "./rules/index.ts";
import { judgeStructure } from "./structure.ts";
import { ticketFindings } from "./ticket.ts";
import { removeInvalidFields } from "./well-formed.ts";

/** A valid request. */
export interface ValidRequest {
  readonly target: Target;
  readonly desired: VpnConnection;
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

/**
 * Judges a request's data (its keys sealed) and the text of its ticket. Returns all findings in a
 * stable order, and the request if no finding is an error. A warning whose code is in `raised`
 * counts as an error. The findings are not in their final form: see `describeInDocument`.
 */
export function validate(
  data: unknown,
  ticket: string | null,
  raised: readonly string[] = [],
): { valid?: ValidRequest; findings: readonly Finding[] } {
  const bounded = cutToSchema(data, requestDataSchema, MAX_FINDINGS);
  const { data: writable, warnings } = splitReadOnly(bounded.data);
  const structure = judgeStructure({ ...bounded, data: writable }, requestDataSchema);
  const ofRules = ruleFindings(structure.valid ?? removeInvalidFields(writable, structure.issues), raised);
  const findings = sortFindings([
    ...structure.findings,
    ...ticketFindings(ticket),
    ...warnings.map((warning): Finding => (raised.includes(warning.code) ? { ...warning, severity: "error" } : warning)),
    ...ofRules.findings,
  ]);
  const verdict = { findings: limitFindings(findings, MAX_FINDINGS, structure.unlisted + ofRules.unlisted) };
  if (!structure.valid || findings.some(({ severity }) => severity === "error")) return verdict;
  const { target, connection, mode = "apply", deadlineMinutes, queueDeadlineMinutes } = structure.valid;
  return {
    ...verdict,
    valid: {
      target,
      desired: connection,
      mode,
      ...(deadlineMinutes === undefined ? {} : { deadlineMinutes }),
      ...(queueDeadlineMinutes === undefined ? {} : { queueDeadlineMinutes }),
    },
  };
}

function splitReadOnly(data: unknown): { data: unknown; warnings: Finding[] } {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, "connection")) return { data, warnings: [] };
  const { connection, warnings } = removeReadOnlyFields((data as { connection: unknown }).connection, "/connection");
  return { data: { ...data, connection }, warnings };
}
