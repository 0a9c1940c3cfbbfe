import type * as z from "zod";
import { type Finding, jsonPointer } from "../finding.ts";
import { nearest } from "../nearest.ts";
import { isSecretField } from "../redaction.ts";
import { knownFieldsAt } from "./known-fields.ts";
import { requestDataSchema } from "./request.ts";
import { reference } from "./rules/rule.ts";
import { shown } from "./shown.ts";

/** What can be wrong with one field alone, each in a sentence; all are errors. */
export const structureCodes = {
  MissingField: "A required field is not there.",
  UnknownField: "The contract has no field of this name here; the nearest known one is named.",
  InvalidType: "The value is of another type.",
  InvalidValue: "The value is none of those listed.",
  InvalidFormat: "The text has another form.",
  OutOfRange: "The number is outside its bounds.",
  TooLarge: "The ticket has more than 4096 bytes.",
} as const;
export type StructureCode = keyof typeof structureCodes;

const nameRules = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules";

/** An error about one field, with the place where its rule stands, if that is not this project's own contract. */
export function structureError(path: readonly PropertyKey[], code: StructureCode, message: string): Finding {
  const source = path[0] === "connection" ? reference : path[0] === "target" ? nameRules : undefined;
  return { code, severity: "error", target: jsonPointer(path), message, ...(source ? { source } : {}), actor: "requester" };
}

/** One zod issue as findings: a stable code, the place, what is allowed and what was found, which for a secret is its type alone. */
export function structureFindings(issue: z.core.$ZodIssue, data: unknown, schema: z.ZodType = requestDataSchema): Finding[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(path, key, schema));
  const found = valueAt(data, path);
  if (path.some((key) => isSecretField(String(key)))) return [secretFinding(path, found)];
  if (found === undefined) return [structureError(path, "MissingField", `Expected ${wanted(issue)}; found nothing.`)];
  return [structureError(path, codeOf(issue), `Expected ${wanted(issue)}; found ${shown(found)}.`)];
}

function unknownField(path: readonly PropertyKey[], key: string, schema: z.ZodType): Finding {
  const known = knownFieldsAt(schema, path);
  const meant = nearest(key, known);
  const advice = meant ? ` Is ${shown(meant)} meant?` : "";
  return structureError([...path, key], "UnknownField", `Expected one of the fields ${known.join(", ")}; found ${shown(key)}.${advice}`);
}

function secretFinding(path: readonly PropertyKey[], found: unknown): Finding {
  const extra = typeof found === "object" && found !== null && "keyVaultSecretUri" in found ? Object.keys(found) : [];
  const unknown = extra.find((name) => name !== "keyVaultSecretUri");
  if (unknown)
    return structureError([...path, unknown], "UnknownField", "Expected keyVaultSecretUri alone; found another field beside it.");
  const type = typeof found === "object" && found !== null && "unsealable" in found ? String(found.unsealable) : typeof found;
  if (type === "string")
    return structureError(path, "OutOfRange", "Expected keys on the first four links only; found one on a later link.");
  return structureError(path, "InvalidType", `Expected text, or an object with keyVaultSecretUri; found a value of type ${type}.`);
}

function codeOf(issue: z.core.$ZodIssue): StructureCode {
  // A whole number beyond 32 bits breaks the range that the type int32 has.
  if (issue.code === "too_small" || issue.code === "too_big") return "OutOfRange";
  if (issue.code === "invalid_value") return "InvalidValue";
  return issue.code === "invalid_format" ? "InvalidFormat" : "InvalidType";
}

/** What the contract allows in this place. */
function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
  if (issue.code === "invalid_type") return issue.expected === "int" ? "a whole number" : issue.expected;
  if (issue.code === "too_small") return issue.origin === "string" ? "text" : `${issue.minimum} or more`;
  if (issue.code === "too_big") return `${issue.maximum} or less`;
  return issue.message.replace(/^Expected /, "");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, key) ? (node as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}
