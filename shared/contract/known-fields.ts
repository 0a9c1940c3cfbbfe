import * as z from "zod";

/** The names of the fields that a schema knows at a path; none where the path leads to no object. */
export function knownFieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = unwrapped(schema);
  for (const key of path) {
    const next = node instanceof z.ZodArray ? node.element : node instanceof z.ZodObject ? node.shape[String(key)] : undefined;
    if (!next) return [];
    node = unwrapped(next as z.ZodType);
  }
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrapped(schema.unwrap() as z.ZodType) : schema;
}
