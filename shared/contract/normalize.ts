import * as z from "zod";
import { isSealed } from "../secrets/sealing.ts";
import { type Finding, jsonPointer } from "./finding.ts";
import { fieldSchema, itemSchema, withoutOptional } from "./known-fields.ts";
import { isReadOnlyField } from "./read-only.ts";
import { reference } from "./rules/rule.ts";

/** The warnings about what a request says in another form than the one that is sent. */
export const normalizationCodes = {
  ReadOnlyFieldIgnored: "The request has a field that only the service writes. The field was ignored.",
  EmptyKeyIgnored: "`sharedKey` of the connection is empty. It counts as not given.",
  SaDataSizeMissing: "A custom IPsec policy has no `saDataSizeKilobytes`. It is sent as 0, which is no limit.",
} as const;
type NormalizationCode = keyof typeof normalizationCodes;

type Path = readonly PropertyKey[];

/**
 * Returns a request's data in the one form that is judged, compared and sent, with a warning for
 * each change that a requester should know:
 * - A known field that is null counts as not given.
 * - A word of an enumeration is spelled as Azure spells it.
 * - A field that only the service writes is left out.
 * - An empty key of the connection is left out. Templates send it for "not given"
 *   (https://github.com/Azure/bicep-registry-modules/tree/main/avm/res/network/vpn-gateway). The key
 *   of a link stays: Azure says that it has 1 to 128 characters, and an empty one is most likely a
 *   mistake. Without it Azure would make a key that the branch does not have.
 * - An IPsec policy without a data size gets 0.
 *
 * Keys are sealed before, and the fingerprint of a request is that of its written form. The places
 * of list items do not change.
 */
export function normalizeData(data: unknown, schema: z.ZodType): { data: unknown; warnings: Finding[] } {
  const warnings: Finding[] = [];
  const warn = (code: NormalizationCode, path: Path, message: string) =>
    warnings.push({ code, severity: "warning", target: jsonPointer(path), message, source: reference, actor: "requester" });

  const isLeftOut = (name: string, value: unknown, object: z.ZodObject, path: Path): boolean => {
    if (fieldSchema(object, name)) {
      if (value === null) return true;
      if (!isEmptyKeyOfConnection(value, [...path, name])) return false;
      warn("EmptyKeyIgnored", [...path, name], "sharedKey is empty and was ignored. Leave it out, or give a key.");
      return true;
    }
    if (path[0] !== "connection") return false;
    const isReadOnly = isReadOnlyField(name, value, jsonPointer(path.slice(1)), fieldSchema(object, "id") !== undefined);
    if (isReadOnly) warn("ReadOnlyFieldIgnored", [...path, name], `"${name}" is read-only and was ignored.`);
    return isReadOnly;
  };

  const walk = (node: unknown, expected: z.ZodType | undefined, path: Path): unknown => {
    const here = withoutOptional(expected);
    if (typeof node === "string") return spellAsListed(node, here instanceof z.ZodEnum ? here.options : listedTexts.get(path.at(-1)));
    if (Array.isArray(node)) return node.map((item, index) => walk(item, itemSchema(here), [...path, index]));
    // A secret is a union of forms, and has nothing to normalize.
    if (typeof node !== "object" || node === null || !(here instanceof z.ZodObject)) return node;
    const kept = Object.entries(node).filter(([name, value]) => !isLeftOut(name, value, here, path));
    const fields = Object.fromEntries(kept.map(([name, value]) => [name, walk(value, fieldSchema(here, name), [...path, name])]));
    if (path.at(-2) !== "ipsecPolicies" || Object.hasOwn(fields, dataSize)) return fields;
    warn("SaDataSizeMissing", [...path, dataSize], `${dataSize} is missing and is sent as 0, which is no limit. Add it.`);
    return { ...fields, [dataSize]: 0 };
  };
  return { data: walk(data, schema, []), warnings };
}

const dataSize = "saDataSizeKilobytes";
/** Texts that have listed words, but no enumeration in the reference. */
const listedTexts: ReadonlyMap<PropertyKey | undefined, readonly string[]> = new Map([["ipConfigurationId", ["Instance0", "Instance1"]]]);

function isEmptyKeyOfConnection(value: unknown, path: Path): boolean {
  return jsonPointer(path) === "/connection/properties/sharedKey" && isSealed(value) && value.faults?.includes("empty") === true;
}

/** Returns the listed word that differs in letter case only; the word itself if there is none. */
function spellAsListed(word: string, listed: readonly unknown[] = []): string {
  const found = listed.find((other) => String(other).toLowerCase() === word.toLowerCase());
  return found === undefined ? word : String(found);
}
