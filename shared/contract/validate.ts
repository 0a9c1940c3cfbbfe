import type { z } from "zod";
import { atMost, type Finding, inOrder, jsonPointer } from "../finding.ts";
import { nearest } from "../nearest.ts";
import { isSecretField } from "../redaction.ts";
import { connectionId, type Target } from "../resource-id.ts";
import type { VpnConnection } from "./connection.ts";
import { knownFieldsAt } from "./known-fields.ts";
import { withoutReadOnlyFields } from "./read-only.ts";
import { requestDataSchema } from "./request.ts";
import { ruleFindings } from "./rules/index.ts";

const MAX_TICKET_BYTES = 4096;
/** Enough to mend any request in good faith; a hostile one must not fill the history. */
const MAX_FINDINGS = 200;

/** A request that may be carried out. */
export interface ValidRequest {
  readonly target: Target;
  readonly desired: VpnConnection;
  readonly deadlineMinutes?: number;
}

/** Judges a request's data (secrets sealed) and ticket text: all findings at once, in a stable order, and the request when none is an error. */
export function validate(data: unknown, ticket: string | null): { valid?: ValidRequest; findings: readonly Finding[] } {
  const { data: writable, warnings } = writableData(data);
  const parsed = requestDataSchema.safeParse(writable);
  const semantic = bySeverity(parsed.success ? ruleFindings(parsed.data) : []);
  const errors = [
    ...(parsed.success
      ? [...bodyAgreesWithTarget(parsed.data), ...semantic.errors]
      : parsed.error.issues.flatMap((issue) => findingsOf(issue, writable))),
    ...ticketFindings(ticket),
  ];
  const findings = atMost(inOrder([...errors, ...warnings, ...semantic.warnings]), MAX_FINDINGS);
  if (!parsed.success || errors.length > 0) return { findings };
  const { target, connection, deadlineMinutes } = parsed.data;
  return { valid: { target, desired: connection, ...(deadlineMinutes === undefined ? {} : { deadlineMinutes }) }, findings };
}

function bySeverity(findings: readonly Finding[]) {
  const { error = [], warning = [] } = Object.groupBy(findings, ({ severity }) => severity);
  return { errors: error, warnings: warning };
}

function writableData(data: unknown): { data: unknown; warnings: Finding[] } {
  if (typeof data !== "object" || data === null || !("connection" in data)) return { data, warnings: [] };
  const { connection, warnings } = withoutReadOnlyFields(data.connection, "/connection");
  return { data: { ...data, connection }, warnings };
}

function bodyAgreesWithTarget({ target, connection }: { target: Target; connection: VpnConnection }): Finding[] {
  const expected = { id: connectionId(target), name: target.connectionName };
  return (["id", "name"] as const).flatMap((field) => {
    const found = connection[field];
    if (found === undefined || found.toLowerCase() === expected[field].toLowerCase()) return [];
    const message = `The body's ${field} ${shown(found)} is not that of the target, ${shown(expected[field])}.`;
    return [{ code: "TargetMismatch", severity: "error" as const, target: `/connection/${field}`, message }];
  });
}

function ticketFindings(ticket: string | null): Finding[] {
  if (ticket === null) return [];
  const bytes = new TextEncoder().encode(ticket).length;
  const error = (code: string, message: string): Finding[] => [{ code, severity: "error", target: "/ticket", message }];
  if (!ticket.startsWith("{")) return error("InvalidType", "Expected an object.");
  return bytes > MAX_TICKET_BYTES ? error("TooLarge", `A ticket may have ${MAX_TICKET_BYTES} bytes; found ${bytes}.`) : [];
}

/** One zod issue as findings: a stable code, the place, what is allowed and what was found. */
function findingsOf(issue: z.core.$ZodIssue, data: unknown): Finding[] {
  const at = (path: readonly PropertyKey[], code: string, message: string): Finding => ({
    code,
    severity: "error",
    target: jsonPointer(path),
    message,
  });
  if (issue.code === "unrecognized_keys") {
    const meant = (key: string) => nearest(key, knownFieldsAt(requestDataSchema, issue.path));
    const advice = (key: string) => (meant(key) ? ` Is ${shown(meant(key))} meant?` : "");
    return issue.keys.map((key) => at([...issue.path, key], "UnknownField", `The contract has no field ${shown(key)} here.${advice(key)}`));
  }
  const found = valueAt(data, issue.path);
  const secret = issue.path.some((key) => isSecretField(String(key)));
  if (secret && isKeyVaultReference(found)) {
    return [at(issue.path, "NotSupported", "Keys from Key Vault are not supported yet; send the key inline, it is sealed on arrival.")];
  }
  if (found === undefined) return [at(issue.path, "MissingField", "This field is required.")];
  if (issue.path.length === 1 && issue.path[0] === "mode" && found === "plan") {
    return [at(issue.path, "NotSupported", 'The mode "plan" is not supported yet; only "apply" is.')];
  }
  return [
    at(issue.path, codeOf(issue), `${allowedBy(issue)}; found ${secret ? `a value of type ${unsealableType(found)}` : shown(found)}.`),
  ];
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small" || issue.code === "too_big") return "OutOfRange";
  if (issue.code === "invalid_value") return "InvalidValue";
  return issue.code === "invalid_format" ? "InvalidFormat" : "InvalidType";
}

function allowedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `Expected one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
  if (issue.code === "invalid_type") return `Expected ${issue.expected}`;
  if (issue.code === "too_small") return `Expected at least ${issue.minimum}`;
  if (issue.code === "too_big") return `Expected at most ${issue.maximum}`;
  return issue.message;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === "object" && node !== null ? (node as Record<PropertyKey, unknown>)[key] : undefined),
    data,
  );
}

function isKeyVaultReference(value: unknown): boolean {
  return typeof value === "object" && value !== null && "keyVaultSecretUri" in value;
}

function unsealableType(value: unknown): string {
  return typeof value === "object" && value !== null && "unsealable" in value ? String(value.unsealable) : typeof value;
}

/** What was found, short enough to quote. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
