import { field } from "../json/field.ts";

/** A property or a link that a PUT changes in Azure. */
export interface Difference {
  /** JSON pointer into the connection, with the link's name in place of its index. */
  readonly target: string;
  /**
   * `reset`: the request does not contain the property, so the PUT resets it to Azure's default.
   */
  readonly change: "add" | "remove" | "set" | "reset";
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The values that Azure sets if a request has none (recorded responses, api-versions 2020-05-01 to
 * 2022-07-01).
 */
const tunnelDefaults = {
  connectionBandwidth: 10,
  dpdTimeoutSeconds: 0,
  enableBgp: false,
  enableRateLimiting: false,
  ipsecPolicies: [],
  routingWeight: 0,
  useLocalAzureIpAddress: false,
  usePolicyBasedTrafficSelectors: false,
  vpnConnectionProtocolType: "IKEv2",
};
const linkDefaults = {
  ...tunnelDefaults,
  vpnLinkConnectionMode: "Default",
  vpnSiteLink: null,
  vpnGatewayCustomBgpAddresses: [],
  egressNatRules: [],
  ingressNatRules: [],
};
const connectionDefaults = { enableInternetSecurity: false, trafficSelectorPolicies: [], remoteVpnSite: null };
/**
 * Groups that have two names
 * (https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#ipsecike).
 */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["DHGroup2048", "DHGroup14"],
  ["PFS2048", "PFS14"],
]);

/** The value of one property. */
interface Fact {
  readonly value: unknown;
  /** Equal for equal values, whatever their spelling. */
  readonly compared: string;
  /** False if the property is absent or empty and `value` is the default. */
  readonly given: boolean;
}

/**
 * Returns true if a PUT would change nothing but keys. Keys are not compared: no read shows them.
 */
export function isSameConnection(desired: unknown, actual: unknown): boolean {
  return differences(desired, actual).length === 0;
}

/**
 * Returns what a PUT of the desired connection changes in the actual one, except keys. If `actual`
 * is undefined, the connection does not exist yet. A PUT replaces the whole resource: an absent
 * property is reset to Azure's default, and an absent link is removed. Ids are compared without
 * case and links by name. If Azure's default is unknown, the property counts as different, because
 * a needless PUT is harmless and a missing one is not.
 */
export function differences(desired: unknown, actual: unknown): Difference[] {
  const [desiredFacts, actualFacts] = [factsOf(desired), factsOf(actual)];
  const removed = [...actualFacts.keys()].filter((target) => isLink(target) && !desiredFacts.has(target));
  const added = [...desiredFacts.keys()].filter((target) => isLink(target) && !actualFacts.has(target));
  const isWithin = (links: readonly string[], target: string) => links.some((link) => target.startsWith(`${link}/`));
  const changed = [...desiredFacts].flatMap(([target, { value, compared, given }]): Difference[] => {
    const before = actualFacts.get(target);
    if (isLink(target) || before?.compared === compared) return [];
    // In a new connection or link, a default is no change.
    if (!before && !given) return [];
    const change = changeOf(before, given);
    return [{ target, change, before: before?.given ? before.value : null, after: value }];
  });
  const links = [
    ...removed.map((target): Difference => ({ target, change: "remove", before: actualFacts.get(target)?.value, after: null })),
    ...added.map((target): Difference => ({ target, change: "add", before: null, after: desiredFacts.get(target)?.value })),
  ];
  return [...links, ...changed.filter(({ target }) => !isWithin(added, target))].sort((a, b) => (a.target < b.target ? -1 : 1));
}

function changeOf(before: Fact | undefined, isGiven: boolean): Difference["change"] {
  if (before && !isGiven) return "reset";
  return before?.given ? "set" : "add";
}

const linksAt = "/properties/vpnLinkConnections/";

function isLink(target: string): boolean {
  return target.startsWith(linksAt) && !target.slice(linksAt.length).includes("/");
}

/** Returns all properties of a connection that a request can set, by JSON pointer. */
function factsOf(connection: unknown): Map<string, Fact> {
  if (connection === undefined) return new Map();
  const properties = field(connection, "properties");
  const links = list(field(properties, "vpnLinkConnections"));
  return new Map([
    ...propertyFacts("/properties", properties, { ...connectionDefaults, ...(links.length > 0 ? {} : tunnelDefaults) }),
    ...routingFacts(field(properties, "routingConfiguration")),
    ...links.flatMap((link): [string, Fact][] => {
      const at = linksAt + String(field(link, "name")).toLowerCase();
      return [
        [at, { value: linkSummaryOf(link), compared: "", given: true }],
        ...propertyFacts(`${at}/properties`, field(link, "properties"), linkDefaults),
      ];
    }),
  ]);
}

/** Returns the part of a link that a difference shows. */
function linkSummaryOf(link: unknown): unknown {
  return { name: field(link, "name"), vpnSiteLink: field(field(link, "properties"), "vpnSiteLink") ?? null };
}

function propertyFacts(at: string, properties: unknown, defaults: object): [string, Fact][] {
  return Object.entries(defaults).map(([name, value]) => [`${at}/${name}`, factOf(field(properties, name), value)]);
}

/**
 * If a request has no routing or empty tables, Azure uses the hub's default route table (recorded).
 */
function routingFacts(configuration: unknown): [string, Fact][] {
  const at = "/properties/routingConfiguration";
  const propagated = field(configuration, "propagatedRouteTables");
  const labels = list(field(propagated, "labels")).map(String).sort();
  const ids = list(field(propagated, "ids")).map(tableOf).sort();
  const isDefault = labels.length === 0 && ids.length === 0;
  const associated = field(configuration, "associatedRouteTable");
  const tables = { labels: isDefault ? ["default"] : labels, ids: isDefault ? ["default"] : ids };
  return [
    [`${at}/associatedRouteTable`, { value: associated ?? "default", compared: tableOf(associated), given: associated !== undefined }],
    [`${at}/propagatedRouteTables`, { value: isDefault ? tables : propagated, compared: JSON.stringify(tables), given: !isDefault }],
    ...["inboundRouteMap", "outboundRouteMap"].map((name): [string, Fact] => [`${at}/${name}`, factOf(field(configuration, name), null)]),
    ...vnetRouteFacts(`${at}/vnetRoutes`, field(configuration, "vnetRoutes")),
  ];
}

/** The default is that of https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/virtual_hub_connection */
function vnetRouteFacts(at: string, routes: unknown): [string, Fact][] {
  const criteria = field(field(routes, "staticRoutesConfig"), "vnetLocalRouteOverrideCriteria");
  return [
    [`${at}/staticRoutes`, factOf(field(routes, "staticRoutes"), [])],
    [`${at}/staticRoutesConfig/vnetLocalRouteOverrideCriteria`, factOf(criteria, "Contains")],
  ];
}

function factOf(found: unknown, byDefault: unknown): Fact {
  // Azure returns an empty list for a property that is not set.
  const given = found !== undefined && found !== null && !(Array.isArray(found) && found.length === 0);
  const value = given ? found : byDefault;
  return { value, compared: JSON.stringify(normalize(value)), given };
}

function tableOf(reference: unknown): string {
  const id = String(field(reference, "id") ?? "/hubRouteTables/defaultRouteTable").toLowerCase();
  return id.endsWith("/hubroutetables/defaultroutetable") ? "default" : id;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Sorts properties, lowers the case of ids and replaces synonyms, so equal values have equal JSON.
 */
function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value === "string") return synonyms.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, item]) => [name, name === "id" ? String(item).toLowerCase() : normalize(item)]));
}
