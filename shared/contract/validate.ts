import type { Target } from "../resource-id.ts";
import type { VpnConnection } from "./connection.ts";
import { cutToSchema } from "./cut.ts";
import { type Finding, limitFindings, MAX_FINDINGS, sortFindings } from "./finding.ts";
import { normalizeData } from "./normalize.ts";
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
 * stable order, and the request if there is no error in them. A warning whose code is in `raised`
 * counts as an error. The findings are not in their final form: see `describeInDocument`.
 */
export function validate(
  data: unknown,
  ticket: string | null,
  raised: readonly string[] = [],
): { valid?: ValidRequest; findings: readonly Finding[] } {
  const bounded = cutToSchema(data, requestDataSchema, MAX_FINDINGS);
  const { data: normal, warnings } = normalizeData(bounded.data, requestDataSchema);
  const structure = judgeStructure({ ...bounded, data: normal }, requestDataSchema);
  const ofRules = ruleFindings(structure.valid ?? removeInvalidFields(normal, structure.issues), raised);
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
