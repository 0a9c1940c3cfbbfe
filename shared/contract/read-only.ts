import { type Finding, jsonPointer } from "./finding.ts";
import { reference } from "./rules/rule.ts";

export const readOnlyCode = "ReadOnlyFieldIgnored";

/**
 * Fields that only the service writes. Clients that read, change and write back send them, so they
 * are left out with a warning, not refused. Source: the readOnly marks of the service's definition
 * at api-version 2024-03-01 (propagateStaticRoutes became writable with 2025-05-01).
 */
const readOnlyFields: readonly (readonly [parent: RegExp, names: readonly string[]])[] = [
  [/^(\/properties\/vpnLinkConnections\/\d+)?$/, ["etag", "type"]],
  [
    /^(\/properties\/vpnLinkConnections\/\d+)?\/properties$/,
    // The last one is not in the reference. Responses since api-version 2021-08-01 show it on links
    // (recorded).
    ["provisioningState", "connectionStatus", "ingressBytesTransferred", "egressBytesTransferred", "packetCaptureDiagnosticState"],
  ],
  [/^\/properties\/routingConfiguration\/vnetRoutes$/, ["bgpConnections"]],
  [/^\/properties\/routingConfiguration\/vnetRoutes\/staticRoutesConfig$/, ["propagateStaticRoutes"]],
];

/** The names of all read-only fields. */
export const readOnlyNames: ReadonlySet<string> = new Set(readOnlyFields.flatMap(([, fields]) => fields));

/** Returns whether a field of this name is read-only somewhere. */
export function isReadOnlyName(name: string): boolean {
  return readOnlyNames.has(name);
}

/**
 * Leaves the read-only fields out of a connection, with a warning for each. `at` is the pointer to
 * the connection in the request's data.
 */
export function removeReadOnlyFields(connection: unknown, at: string): { connection: unknown; warnings: Finding[] } {
  const warnings: Finding[] = [];
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    const kept = Object.entries(node).filter(([name]) => {
      if (!readOnlyNames.has(name)) return true;
      const pointer = jsonPointer(path);
      if (!readOnlyFields.some(([parent, fields]) => fields.includes(name) && parent.test(pointer))) return true;
      const message = `"${name}" is read-only and was ignored.`;
      const target = at + pointer + jsonPointer([name]);
      warnings.push({ code: readOnlyCode, severity: "warning", target, message, source: reference, actor: "requester" });
      return false;
    });
    return Object.fromEntries(kept.map(([name, value]) => [name, walk(value, [...path, name])]));
  };
  return { connection: walk(connection, []), warnings };
}
