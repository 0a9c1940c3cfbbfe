import { type JsonSchema, withoutNull } from "./json-schema.ts";

/** One field in a table. */
export interface Row {
  readonly path: string;
  readonly type: string;
  /** Within the object that contains it. */
  readonly required: boolean;
  readonly means: string;
}

/** The schemas that have their own table, each with the link to it. */
export type Parts = ReadonlyMap<JsonSchema, string>;

/** Returns every field below a schema, with its path from there. */
export function rowsOf(schema: JsonSchema, parts: Parts, prefix = ""): Row[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, field]) => {
    const { schema: allowed, nullable } = withoutNull(field);
    const path = prefix + name;
    const row = {
      path,
      type: typeOf(allowed, parts) + (nullable ? " or null" : ""),
      required: required.includes(name),
      means: allowed.description ?? "",
    };
    const within = parts.has(allowed) || parts.has(allowed.items ?? {}) ? [] : childrenOf(allowed, parts, path);
    const [child, ...others] = within;
    // A reference has only an id: one row is enough.
    return child?.path.endsWith(".id") && others.length === 0 ? [{ ...row, path: child.path, type: child.type }] : [row, ...within];
  });
}

/** Returns the schema at a path such as `data.connection.properties.vpnLinkConnections[]`. */
export function partAt(schema: JsonSchema, path: string): JsonSchema {
  return path.split(/\.|(?=\[\])/).reduce((node, step) => {
    const next = step === "[]" ? node.items : node.properties?.[step];
    if (!next) throw new Error(`The contract has no ${path}`);
    return withoutNull(next).schema;
  }, schema);
}

function childrenOf(schema: JsonSchema, parts: Parts, path: string): Row[] {
  if (schema.items) return childrenOf(schema.items, parts, `${path}[]`);
  if (schema.anyOf) return schema.anyOf.flatMap((option) => childrenOf(option, parts, path));
  return rowsOf(schema, parts, `${path}.`);
}

function typeOf(schema: JsonSchema, parts: Parts): string {
  const part = parts.get(schema);
  if (part) return part;
  if (schema.items) return `list of ${typeOf(schema.items, parts)}${schema.maxItems === undefined ? "" : `, at most ${schema.maxItems}`}`;
  if (schema.anyOf) return schema.anyOf.map((option) => typeOf(option, parts)).join(" or ");
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.format === "date-time") return "time";
  if (schema.type === "integer" && isBounded(schema)) return `integer, ${schema.minimum} to ${schema.maximum}`;
  if (schema.maxLength !== undefined) return `${schema.type}, at most ${schema.maxLength} characters`;
  return schema.type === undefined ? "anything" : String(schema.type);
}

/** Returns whether a number has bounds besides the size of an integer. */
function isBounded({ minimum = 0, maximum = 0 }: JsonSchema): boolean {
  return minimum >= 0 && maximum < 2 ** 31 - 1;
}
