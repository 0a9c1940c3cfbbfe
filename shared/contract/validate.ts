import { atMost, type Finding, inOrder } from "../finding.ts";
import type { Target } from "../resource-id.ts";
import type { VpnConnection } from "./connection.ts";
import { withoutReadOnlyFields } from "./read-only.ts";
import { requestDataSchema } from "./request.ts";
import { ruleFindings } from "./rules/index.ts";
import { structureFindings } from "./structure.ts";
import { ticketFindings } from "./ticket.ts";
import { wellFormed } from "./well-formed.ts";

/** Enough to mend any request in good faith; a hostile one must not fill the history. */
const MAX_FINDINGS = 200;

/** A request that may be carried out. */
export interface ValidRequest {
  readonly target: Target;
  readonly desired: VpnConnection;
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

/**
 * Judges a request's data (secrets sealed) and ticket text: all findings at once, in a stable order, and the request when none is an error. A warning whose
 * code is in `raised` counts as an error.
 */
export function validate(
  data: unknown,
  ticket: string | null,
  raised: readonly string[] = [],
): { valid?: ValidRequest; findings: readonly Finding[] } {
  const { data: writable, warnings } = writableData(data);
  const parsed = requestDataSchema.safeParse(writable);
  const issues = parsed.error?.issues ?? [];
  const findings = inOrder([
    ...issues.flatMap((issue) => structureFindings(issue, writable)),
    ...ticketFindings(ticket),
    ...warnings.map((warning): Finding => (raised.includes(warning.code) ? { ...warning, severity: "error" } : warning)),
    ...ruleFindings(parsed.data ?? wellFormed(writable, issues), raised),
  ]);
  const told = { findings: atMost(findings, MAX_FINDINGS) };
  if (!parsed.success || findings.some(({ severity }) => severity === "error")) return told;
  const { target, connection, mode = "apply", deadlineMinutes, queueDeadlineMinutes } = parsed.data;
  return {
    ...told,
    valid: {
      target,
      desired: connection,
      mode,
      ...(deadlineMinutes === undefined ? {} : { deadlineMinutes }),
      ...(queueDeadlineMinutes === undefined ? {} : { queueDeadlineMinutes }),
    },
  };
}

function writableData(data: unknown): { data: unknown; warnings: Finding[] } {
  if (typeof data !== "object" || data === null || !("connection" in data)) return { data, warnings: [] };
  const { connection, warnings } = withoutReadOnlyFields(data.connection, "/connection");
  return { data: { ...data, connection }, warnings };
}
