/** A resource: the connection or a link connection. */
const resource = /^(\/properties\/vpnLinkConnections\/\d+)?$/;

const ofProperties = [
  "provisioningState",
  "connectionStatus",
  "ingressBytesTransferred",
  "egressBytesTransferred",
  // These are not in the reference. Responses show them on links.
  "packetCaptureDiagnosticState",
  "connectionStatusDetails",
];

/**
 * Fields that only the service writes. Clients that read, change and write back send them, so they
 * are left out with a warning, not refused. Source: the readOnly marks of the service's definition
 * at api-version 2024-03-01 (propagateStaticRoutes became writable with 2025-05-01). Clients that
 * flatten a resource show the fields of its properties on the resource.
 */
const readOnlyFields: readonly (readonly [parent: RegExp, names: readonly string[]])[] = [
  [resource, ["etag", "type", "systemData", "createdTime", "changedTime", ...ofProperties]],
  [/^(\/properties\/vpnLinkConnections\/\d+)?\/properties$/, ofProperties],
  [/^\/properties\/routingConfiguration\/vnetRoutes$/, ["bgpConnections"]],
  [/^\/properties\/routingConfiguration\/vnetRoutes\/staticRoutesConfig$/, ["propagateStaticRoutes"]],
];

/**
 * Fields that `az resource show` prints as null for every resource. With a value they are refused:
 * a connection has no such field.
 */
export const emptyFields: readonly string[] = [
  "extendedLocation",
  "identity",
  "kind",
  "location",
  "managedBy",
  "plan",
  "sku",
  "tags",
  "zones",
];

/** The Azure CLI adds it to every object that has an id. */
const groupInCli = "resourceGroup";

/** The names of the fields that only the service or a client writes. */
export const serviceFields: ReadonlySet<string> = new Set([...readOnlyFields.flatMap(([, names]) => names), groupInCli]);

/** The names of all read-only fields. */
export const readOnlyNames: ReadonlySet<string> = new Set([...serviceFields, ...emptyFields]);

/** Returns whether a field of this name is read-only somewhere. */
export function isReadOnlyName(name: string): boolean {
  return readOnlyNames.has(name);
}

/**
 * Returns whether a field is read-only in its place. `parent` is the pointer from the connection to
 * the object that has the field, and `hasId` says whether such an object may have an id.
 */
export function isReadOnlyField(name: string, value: unknown, parent: string, hasId: boolean): boolean {
  if (name === groupInCli) return hasId;
  if (emptyFields.includes(name)) return value === null && resource.test(parent);
  return readOnlyFields.some(([place, names]) => names.includes(name) && place.test(parent));
}
