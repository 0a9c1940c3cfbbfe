import * as z from "zod";
import { findNearest } from "../find-nearest.ts";
import { isSecretField } from "../secrets/redaction.ts";
import { most } from "./connection-bounds.ts";
import type { CutData, LongList } from "./cut.ts";
import { fieldName } from "./field-name.ts";
import { type Finding, jsonPointer, MAX_FINDINGS } from "./finding.ts";
import { knownFieldsAt, schemaAt } from "./known-fields.ts";
import { quoteValue } from "./quote.ts";
import { docs, reference } from "./rules/rule.ts";

/** What can be wrong with one field alone. All are errors. */
export const structureCodes = {
  MissingField: "A required field is missing.",
  UnknownField: "The contract has no field with this name here. The message names a similar one if there is one.",
  InvalidType: "The value has the wrong type.",
  InvalidValue: "The value is not one of the allowed values.",
  InvalidFormat: "The string has the wrong form.",
  OutOfRange: "The number is too small or too large.",
  TooLong: "The string has too many characters.",
  TooManyItems: "The list has too many items.",
  TooManyLinks: "The connection has more than four link connections. A site has at most four links.",
  TooManyIpsecPolicies: "The connection or the link has more than one custom IPsec policy.",
  TooLarge: "The ticket has more than 4096 bytes.",
} as const;
export type StructureCode = keyof typeof structureCodes;

/** An unknown name that is longer is cut in its finding. */
const MAX_NAME_SHOWN = 128;

const nameRules = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules";

/** The lists whose limit has its own code, with the page that has the limit. */
const codesOfLists: ReadonlyMap<PropertyKey | undefined, { readonly code: StructureCode; readonly source: string }> = new Map([
  ["vpnLinkConnections", { code: "TooManyLinks", source: `${docs}/virtual-wan/virtual-wan-site-to-site-portal#site` }],
  ["ipsecPolicies", { code: "TooManyIpsecPolicies", source: `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike` }],
] as const);

/**
 * Makes an error about one field. Its source is the page of Azure that has the rule, if there is
 * one.
 */
export function structureError(path: readonly PropertyKey[], code: StructureCode, message: string): Finding {
  const source = path[0] === "connection" ? reference : path[0] === "target" ? nameRules : undefined;
  return { code, severity: "error", target: jsonPointer(path), message, ...(source ? { source } : {}), actor: "requester" };
}

/** What is wrong with the fields of a request, each alone. */
export interface StructureVerdict<Data> {
  /** The data, if nothing is wrong. */
  readonly valid?: Data;
  readonly findings: readonly Finding[];
  /** How many findings were left out. */
  readonly unlisted: number;
  readonly issues: readonly z.core.$ZodIssue[];
}

/**
 * Judges the structure of data that `cutToSchema` cut. Lists findings up to a maximum and counts
 * the others.
 */
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
  const finding = structureError(
    path,
    code,
    `${fieldName(path)} has ${found} items. At most ${most} ${most === 1 ? "is" : "are"} allowed.`,
  );
  return source === undefined ? finding : { ...finding, source };
}

/** Makes the findings of one zod issue. The value of a secret is never shown. */
function structureFindings(issue: z.core.$ZodIssue, data: unknown, schema: z.ZodType): Finding[] {
  const { path } = issue;
  const found = valueAt(data, path);
  if (path.some((key) => isSecretField(String(key)))) return [secretFinding(path, found)];
  if (issue.code === "unrecognized_keys") {
    const [known, below] = [knownFieldsAt(schema, path), knownFieldsAt(schema, [...path, "properties"])];
    return issue.keys.map((key) => unknownField(path, key, known, below.includes(key) ? adviceToMove(path) : undefined));
  }
  if (found === undefined) return [structureError(path, "MissingField", `${fieldName(path)} is required.`)];
  if (issue.code === "too_big" && typeof found === "string") return [longTextFinding(path, found.length, issue.maximum)];
  return [
    structureError(path, codeOf(issue), `${fieldName(path)} ${describeRule(issue, schemaAt(schema, path))}. Found ${quoteValue(found)}.`),
  ];
}

function longTextFinding(path: readonly PropertyKey[], found: number, most: number | bigint): Finding {
  return structureError(path, "TooLong", `${fieldName(path)} has ${found} characters. At most ${most} are allowed.`);
}

function unknownField(path: readonly PropertyKey[], name: string, known: readonly string[], advice?: string): Finding {
  const cut = name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
  return structureError([...path, cut], "UnknownField", `Unknown field ${quoteValue(cut)}. ${advice ?? adviceFor(name, path, known)}`);
}

/** The Azure CLI and the SDKs show a resource with its properties beside its id and name. */
function adviceToMove(path: readonly PropertyKey[]): string {
  return `It belongs under "properties" of the ${path.length === 1 ? "connection" : "link connection"}.`;
}

function adviceFor(name: string, path: readonly PropertyKey[], known: readonly string[]): string {
  const meant = findNearest(name, known);
  if (meant) return `Did you mean ${quoteValue(meant)}?`;
  if (known.length === 1) return `Only ${known[0]} is allowed here.`;
  return `Allowed in ${fieldName(path)}: ${known.join(", ")}.`;
}

/** Judges a key as it is after sealing, when what is not a key has become `{ unsealable }`. */
function secretFinding(path: readonly PropertyKey[], found: unknown): Finding {
  const field = fieldName(path);
  const fields: Record<string, unknown> = typeof found === "object" && found !== null ? { ...found } : {};
  if (!Object.hasOwn(fields, secretUri)) {
    const type = typeNames.get(String(fields["unsealable"])) ?? `a ${typeof found}`;
    return structureError(path, "InvalidType", `${field} must be a string, or an object with ${secretUri}. Found ${type}.`);
  }
  const unknown = Object.keys(fields).find((name) => name !== secretUri);
  if (unknown !== undefined) {
    const advice = `Only ${secretUri} is allowed here${unknown === "version" ? "; put the version at the end of the URI" : ""}.`;
    return unknownField(path, unknown, [], advice);
  }
  const uri = fields[secretUri];
  const place = [...path, secretUri];
  if (typeof uri === "string" && uri.length > most.idLength) return longTextFinding(place, uri.length, most.idLength);
  if (uri === null) return structureError(place, "MissingField", `${secretUri} is required.`);
  const type = typeof uri === "object" && "unsealable" in uri ? String(uri.unsealable) : typeof uri;
  if (type === "string") return structureError(place, "InvalidFormat", `${secretUri} must start with https://, for example ${exampleUri}.`);
  return structureError(place, "InvalidType", `${secretUri} must be a string. Found ${typeNames.get(type) ?? type}.`);
}

const secretUri = "keyVaultSecretUri";
const exampleUri = "https://myvault.vault.azure.net/secrets/vpn-branch-0042";
const typeNames: ReadonlyMap<string, string> = new Map([
  ["string", "a string"],
  ["number", "a number"],
  ["boolean", "true or false"],
  ["int", "a whole number"],
  ["object", "an object"],
  ["record", "an object"],
  ["array", "a list"],
]);

function codeOf(issue: z.core.$ZodIssue): StructureCode {
  // A whole number beyond 32 bits breaks the range that the type int32 has.
  if (issue.code === "too_small" || issue.code === "too_big") return "OutOfRange";
  if (issue.code === "invalid_value") return "InvalidValue";
  return issue.code === "invalid_format" ? "InvalidFormat" : "InvalidType";
}

/** Returns what the contract allows, as the end of a sentence that starts with the field's name. */
function describeRule(issue: z.core.$ZodIssue, schema: z.ZodType | undefined): string {
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    return `must be ${values.length === 1 ? "" : "one of "}${values.join(", ")}`;
  }
  if (issue.code === "invalid_type") return `must be ${typeNames.get(issue.expected) ?? issue.expected}`;
  if (issue.code === "too_small" && issue.origin === "string") return "must not be empty";
  const range = schema instanceof z.ZodNumber ? `must be between ${schema.minValue} and ${schema.maxValue}` : undefined;
  if (issue.code === "too_small") return range ?? `must be at least ${issue.minimum}`;
  if (issue.code === "too_big") return range ?? `must be at most ${issue.maximum}`;
  return issue.message;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, key) ? (node as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}
