import * as z from "zod";
import { withoutOptional } from "../contract/known-fields.ts";
import { canonicalJson } from "../json/canonical.ts";
import { field } from "../json/field.ts";
import { azureDefaults, caselessTexts, synonyms } from "./azure-defaults.ts";

/**
 * Returns a text that is equal for equal values of a property, however they are written. Lists are
 * compared without order. Constants and ids are compared without letter case. Fields that the
 * schema does not know are ignored: only the service writes them. Returns undefined for a value
 * that says nothing: absent, null, an empty list, or an object of such fields.
 */
export function comparableText(value: unknown, schema: z.ZodType, name: string): string | undefined {
  const comparable = comparableOf(value, schema, name);
  return comparable === undefined ? undefined : canonicalJson(comparable);
}

function comparableOf(value: unknown, expected: z.ZodType, name: string): unknown {
  const schema = withoutOptional(expected);
  if (value === undefined || value === null) return undefined;
  if (schema instanceof z.ZodArray && Array.isArray(value)) return comparableList(value, schema.element as z.ZodType, name);
  if (schema instanceof z.ZodObject && typeof value === "object") return comparableObject(value, schema);
  const isCaseless = schema instanceof z.ZodEnum || caselessTexts.has(name);
  const caseless = typeof value === "string" && isCaseless ? value.toLowerCase() : value;
  return synonyms.get(name)?.get(caseless) ?? caseless;
}

function comparableList(items: readonly unknown[], schema: z.ZodType, name: string): unknown {
  const texts = items.map((item) => canonicalJson(comparableOf(item, schema, name) ?? null));
  return texts.length === 0 ? undefined : [...new Set(texts)].sort();
}

function comparableObject(value: object, { shape }: z.ZodObject): unknown {
  const fields = Object.entries(shape).flatMap(([name, schema]): [string, unknown][] => {
    const found = field(value, name) ?? azureDefaults.get(name);
    const comparable = comparableOf(found, schema as z.ZodType, name);
    return comparable === undefined ? [] : [[name, comparable]];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
