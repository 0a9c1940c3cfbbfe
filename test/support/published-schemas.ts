import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** The files of schemas/ that are JSON Schemas. */
export type PublishedName = "request" | "request-data" | "cancel" | "completion";

/** Reads a file of schemas/ as a caller would. */
export function publishedSchema(name: PublishedName): AnySchemaObject {
  return JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "schemas", `${name}.schema.json`), "utf8"));
}

/** A published schema, compiled by a validator that knows nothing of the contract but that file. */
export function published(name: PublishedName): ValidateFunction {
  const ajv = new Ajv2020({ strict: true });
  addFormats.default(ajv);
  return ajv.compile(publishedSchema(name));
}
