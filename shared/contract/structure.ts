import type * as z from "zod";
import { findNearest } from "../find-nearest.ts";
import { isSecretField } from "../secrets/redaction.ts";
import type { CutData, LongList } from "./cut.ts";
import { type Finding, jsonPointer, MAX_FINDINGS } from "./finding.ts";
import { knownFieldsAt } from "./known-fields.ts";
import { docs, reference } from "./rules/rule.ts";
import { shown } from "./shown.ts";

/** What can be wrong with one field alone, each in a sentence; all are errors. */
export const structureCodes = {
  MissingField: "A required field is not there.",
  UnknownField: "The contract has no field of this name here; the findNearest known one is named.",
  InvalidType: "The value is of another type.",
  InvalidValue: "The value is none of those listed.",
  InvalidFormat: "The text has another form.",
  OutOfRange: "The number is outside its bounds.",
  TooLong: "The text has more characters than the contract takes.",
  TooManyItems: "The list has more items than the contract takes.",
  TooManyLinks: "A connection has four link connections at most, because a site has four links at most.",
  TooManyIpsecPolicies: "A connection, or a link, takes one custom IPsec policy at most.",
  TooLarge: "The ticket has more than 4096 bytes.",
} as const;
export type StructureCode = keyof typeof structureCodes;

/** An unknown name that is longer is cut in its finding. */
const MAX_NAME_SHOWN = 128;

const nameRules = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules";

/** The lists that have a code of their own, with the place where their limit stands. */
const codesOfLists: ReadonlyMap<PropertyKey | undefined, { readonly code: StructureCode; readonly source: string }> = new Map([
  ["vpnLinkConnections", { code: "TooManyLinks", source: `${docs}/virtual-wan/virtual-wan-site-to-site-portal#site` }],
  ["ipsecPolicies", { code: "TooManyIpsecPolicies", source: `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike` }],
] as const);

/** An error about one field, with the place where its rule stands, if that is not this project's own contract. */
export function structureError(path: readonly PropertyKey[], code: StructureCode, message: string): Finding {
  const source = path[0] === "connection" ? reference : path[0] === "target" ? nameRules : undefined;
  return { code, severity: "error", target: jsonPointer(path), message, ...(source ? { source } : {}), actor: "requester" };
}

/** What is wrong with each field alone. */
export interface StructureVerdict<Data> {
  /** The data, if nothing is wrong. */
  readonly valid?: Data;
  readonly findings: readonly Finding[];
  /** How many findings were left out. */
  readonly unlisted: number;
  readonly issues: readonly z.core.$ZodIssue[];
}

/** Judges the structure of data that `cutToSchema` cut, and lists no more findings than anybody reads. */
export function judgeStructure<Schema extends z.ZodType>(
  { data, longLists, unnamedFields }: CutData,
  schema: Schema,
): StructureVerdict<z.infer<Schema>> {
  const parsed = schema.safeParse(data);
  const issues = parsed.error?.issues ?? [];
  const findings = longLists.slice(0, MAX_FINDINGS).map(longListFinding);
  let unlisted = longLists.length - findings.length + unnamedFields;
  for (const issue of issues) {
    if (findings.length >= MAX_FINDINGS) unlisted++;
    else for (const finding of structureFindings(issue, data, schema)) findings.push(finding);
  }
  const isValid = parsed.success && findings.length === 0;
  return { findings, unlisted, issues, ...(isValid ? { valid: parsed.data } : {}) };
}

function longListFinding({ path, found, most }: LongList): Finding {
  const { code, source } = codesOfLists.get(path.at(-1)) ?? { code: "TooManyItems" };
  const finding = structureError(path, code, `Expected ${most} at most; found ${found}.`);
  return source === undefined ? finding : { ...finding, source };
}

/** One zod issue as findings: a stable code, the place, what is allowed and what was found, which for a secret is its type alone. */
function structureFindings(issue: z.core.$ZodIssue, data: unknown, schema: z.ZodType): Finding[] {
  const { path } = issue;
  const found = valueAt(data, path);
  if (path.some((key) => isSecretField(String(key)))) return [secretFinding(path, found)];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(path, key, schema));
  if (found === undefined) return [structureError(path, "MissingField", `Expected ${wanted(issue)}; found nothing.`)];
  if (issue.code === "too_big" && typeof found === "string") return [longTextFinding(path, found, issue.maximum)];
  return [structureError(path, codeOf(issue), `Expected ${wanted(issue)}; found ${shown(found)}.`)];
}

function longTextFinding(path: readonly PropertyKey[], found: string, most: number | bigint): Finding {
  return structureError(path, "TooLong", `Expected ${most} characters at most; found ${found.length}, which begin with ${shown(found)}.`);
}

function unknownField(path: readonly PropertyKey[], key: string, schema: z.ZodType): Finding {
  const known = knownFieldsAt(schema, path);
  const meant = findNearest(key, known);
  const advice = meant ? ` Is ${shown(meant)} meant?` : "";
  const place = [...path, key.length > MAX_NAME_SHOWN ? `${key.slice(0, MAX_NAME_SHOWN)}…` : key];
  return structureError(place, "UnknownField", `Expected one of the fields ${known.join(", ")}; found ${shown(key)}.${advice}`);
}

function secretFinding(path: readonly PropertyKey[], found: unknown): Finding {
  const extra = typeof found === "object" && found !== null && "keyVaultSecretUri" in found ? Object.keys(found) : [];
  const unknown = extra.find((name) => name !== "keyVaultSecretUri");
  if (unknown)
    return structureError([...path, unknown], "UnknownField", "Expected keyVaultSecretUri alone; found another field beside it.");
  const type = typeof found === "object" && found !== null && "unsealable" in found ? String(found.unsealable) : typeof found;
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
