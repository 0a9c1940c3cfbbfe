import * as z from "zod";
import { fieldSchema, itemSchema, mostItems, withoutOptional } from "./known-fields.ts";
import { isReadOnlyName } from "./read-only.ts";

/** A secret has two fields at most, so one with a third is refused, whatever else it has. */
const MOST_OF_A_SECRET = 3;
/** How many kinds of fault a key can have, and more. */
const MOST_FAULTS = 8;

/** A list that has more items than the contract allows. */
export interface LongList {
  readonly path: readonly PropertyKey[];
  readonly found: number;
  readonly most: number;
}

/** A request's data without what lies beyond the contract. */
export interface CutData {
  readonly data: unknown;
  readonly longLists: readonly LongList[];
  /** How many unknown fields were left out, beyond those that are kept to be named. */
  readonly unnamedFields: number;
}

/**
 * Cuts a request's data to what its schema can hold, so that nothing after this depends on how much a sender wrote: a list keeps its first items, an unknown
 * field loses its value, and no more than `mostUnknown` unknown fields are kept. All that was wrong stays wrong: whoever reads the result still finds it, or
 * finds it in `longLists` and `unnamedFields`.
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
      else if (isReadOnlyName(name) || unknown++ < mostUnknown) fields.push([name, null]);
    }
    return Object.fromEntries(fields);
  };
  return { data: cut(data, schema, []), longLists, unnamedFields: Math.max(unknown - mostUnknown, 0) };
}

/** A secret has no objects inside, and no list but the few words for what was wrong with it. */
function cutSecret(secret: object): object {
  const fields = Object.entries(secret).slice(0, MOST_OF_A_SECRET);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, Array.isArray(value) ? value.filter(isText).slice(0, MOST_FAULTS) : isText(value) ? value : null]),
  );
}

const isText = (value: unknown) => typeof value === "string";

/** Whether a schema is one of a text, a number, a boolean or an enumeration. */
function isPlain(schema: z.ZodType | undefined): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum;
}
