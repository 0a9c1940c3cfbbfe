import * as z from "zod";

/**
 * Returns the names of the fields that a schema knows at a path; none if the path leads to no
 * object.
 */
export function knownFieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const object = schemaAt(schema, path);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** Returns the schema of the value at a path; nothing if the path leads elsewhere. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let node: z.ZodType | undefined = schema;
  for (const key of path) node = typeof key === "number" ? itemSchema(node) : fieldSchema(node, String(key));
  return withoutOptional(node);
}

/**
 * Returns the schema of a field; nothing if the schema is not one of an object, or does not know
 * the field.
 */
export function fieldSchema(schema: z.ZodType | undefined, name: string): z.ZodType | undefined {
  const object = withoutOptional(schema);
  return object instanceof z.ZodObject && Object.hasOwn(object.shape, name) ? (object.shape[name] as z.ZodType) : undefined;
}

/** Returns the schema of an array's items; nothing if the schema is not one of an array. */
export function itemSchema(schema: z.ZodType | undefined): z.ZodType | undefined {
  const array = withoutOptional(schema);
  return array instanceof z.ZodArray ? (array.element as z.ZodType) : undefined;
}

/**
 * Returns the most items that an array's schema allows. Throws if it has no maximum: every array of
 * the contract has one.
 */
export function mostItems(schema: z.ZodArray): number {
  const maximums = (schema.def.checks ?? []).map(({ _zod }) => _zod.def).filter((def) => def.check === "max_length");
  const [first] = maximums as z.core.$ZodCheckMaxLengthDef[];
  if (!first) throw new Error("An array of the contract has no maximum");
  return first.maximum;
}

/** Returns the schema of a value that is not left out. */
export function withoutOptional(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? withoutOptional(schema.unwrap() as z.ZodType) : schema;
}
