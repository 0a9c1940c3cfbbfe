import * as z from "zod";
import { connectionSchema } from "../contract/connection.ts";
import { schemaAt, withoutOptional } from "../contract/known-fields.ts";
import { isSecretField } from "../secrets/redaction.ts";

/** A property that is compared, and that the diff shows as one value. */
export interface ComparedProperty {
  /** The names that lead to it. */
  readonly path: readonly string[];
  readonly name: string;
  readonly schema: z.ZodType;
}

const linksName = "vpnLinkConnections";
const propertiesSchema = schemaAt(connectionSchema, ["properties"]);
const linkSchema = schemaAt(connectionSchema, ["properties", linksName, 0, "properties"]);

/**
 * Everything of a connection that a request can set, except its links and keys. It comes from the
 * contract's schema, so a new property is compared, too.
 */
export const connectionProperties: readonly ComparedProperty[] = listProperties(propertiesSchema, ["properties"]);
/** The same of one link connection. */
export const linkProperties: readonly ComparedProperty[] = listProperties(linkSchema, ["properties"]);

/**
 * Names of the properties that a link connection has as well. On a connection that has links, they
 * have no effect.
 */
export const tunnelNames: ReadonlySet<string> = new Set(linkProperties.map(({ name }) => name));

/**
 * Lists the properties of an object. A reference is one property, and so are the propagated route
 * tables, because their two lists have one default. Other objects are listed field by field.
 */
function listProperties(schema: z.ZodType | undefined, path: readonly string[]): ComparedProperty[] {
  if (!(schema instanceof z.ZodObject)) throw new Error(`The contract has no object at ${path.join("/")}`);
  return Object.entries(schema.shape).flatMap(([name, given]): ComparedProperty[] => {
    const own = withoutOptional(given as z.ZodType);
    if (own === undefined || name === linksName || isSecretField(name)) return [];
    const isGroup = own instanceof z.ZodObject && !Object.hasOwn(own.shape, "id") && name !== "propagatedRouteTables";
    return isGroup ? listProperties(own, [...path, name]) : [{ path: [...path, name], name, schema: own }];
  });
}
