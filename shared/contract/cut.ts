import * as z from "zod";
import { fieldSchema, itemSchema, mostItems, withoutOptional } from "./known-fields.ts";
import { isReadOnlyName } from "./read-only.ts";

/** A secret has at most two fields. One with a third field is refused. */
const MOST_OF_A_SECRET = 3;
/** The most faults of one value that are kept. No key has more different ones. */
const MOST_FAULTS = 8;

/** A list that has more items than the contract allows. */
export interface LongList {
  readonly path: readonly PropertyKey[];
  readonly found: number;
  readonly most: number;
}

/** A request's data without what exceeds the contract. */
export interface CutData {
  readonly data: unknown;
  readonly longLists: readonly LongList[];
  /** How many unknown fields were left out. */
  readonly unnamedFields: number;
}

/**
 * Cuts a request's data to what its schema can hold, so that the work after this does not depend on
 * how much a sender wrote. A list keeps its first items. The value of an unknown field becomes
 * `{}`, unless it is null. At most `mostUnknown` unknown fields are kept. What was wrong stays
 * wrong: it is in the result, or in `longLists` and `unnamedFields`.
 */
export function cutToSchema(data: unknown, schema: z.ZodType, mostUnknown: number): CutData {
  const longLists: LongList[] = [];
  let unknown = 0;
  const cut = (node: unknown, expected: z.ZodType | undefined, path: readonly PropertyKey[]): unknown => {
    if (typeof node !== "object" || node === null) return node;
    const here = withoutOptional(expected);
    if (Array.isArray(node)) {
      if (!(here instanceof z.ZodArray)) return [];
      const most = mostItems(here);
      if (node.length > most) longLists.push({ path, found: node.length, most });
      return node.slice(0, most).map((item, index) => cut(item, itemSchema(here), [...path, index]));
    }
    if (here instanceof z.ZodArray || isPlain(here)) return {};
    // A secret: a union of forms.
    if (!(here instanceof z.ZodObject)) return cutSecret(node);
    const fields: [string, unknown][] = [];
    for (const [name, value] of Object.entries(node)) {
      const known = fieldSchema(here, name);
      if (known) fields.push([name, cut(value, known, [...path, name])]);
      else if (isReadOnlyName(name) || unknown++ < mostUnknown) fields.push([name, value === null ? null : {}]);
    }
    return Object.fromEntries(fields);
  };
  return { data: cut(data, schema, []), longLists, unnamedFields: Math.max(unknown - mostUnknown, 0) };
}

/**
 * Keeps what sealing may leave in the place of a key: strings, a short list of faults, and `{
 * unsealable }`.
 */
function cutSecret(secret: object): object {
  const fields = Object.entries(secret).slice(0, MOST_OF_A_SECRET);
  return Object.fromEntries(fields.map(([name, value]) => [name, cutPartOfSecret(value)]));
}

function cutPartOfSecret(value: unknown): unknown {
  if (isString(value)) return value;
  if (Array.isArray(value)) return value.filter(isString).slice(0, MOST_FAULTS);
  const type = typeof value === "object" && value !== null && "unsealable" in value ? value.unsealable : undefined;
  return isString(type) ? { unsealable: type } : null;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Returns whether a schema is one of a string, a number, a boolean or an enumeration. */
function isPlain(schema: z.ZodType | undefined): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum;
}
