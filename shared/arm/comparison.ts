import { field } from "../json/field.ts";

/** One property that a PUT changes in Azure. */
export interface Difference {
  /** JSON pointer into the connection; links stand by their names. */
  readonly target: string;
  /** `reset`: the request leaves it out, and PUT replaces, so it goes back to the service's default. */
  readonly change: "add" | "remove" | "set" | "reset";
  readonly before: unknown;
  readonly after: unknown;
}

/** What the service writes where a request says nothing (recorded answers of api-versions 2020-05-01 to 2022-07-01). */
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
/** Two names of one group (https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#ipsecike). */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["DHGroup2048", "DHGroup14"],
  ["PFS2048", "PFS14"],
]);

/** What a property is: its value, the same in a form that can be compared, and whether it was said at all. */
interface Fact {
  readonly value: unknown;
  readonly compared: string;
  readonly given: boolean;
}

/** Whether the actual connection already is the desired one, keys aside (no read shows a key). */
export function sameConnection(desired: unknown, actual: unknown): boolean {
  return differences(desired, actual).length === 0;
}

/**
 * What a PUT of the desired connection changes in the actual one, keys aside; an actual one of undefined is not there yet. PUT replaces, so a property left
 * out means the service's default, and a link left out is removed; ids are compared without case, links by name. Where the service's default is not
 * known the two count as different: a needless PUT is harmless, a missing one is not.
 */
export function differences(desired: unknown, actual: unknown): Difference[] {
  const [wanted, found] = [factsOf(desired), factsOf(actual)];
  const removed = [...found.keys()].filter((target) => isLink(target) && !wanted.has(target));
  const added = [...wanted.keys()].filter((target) => isLink(target) && !found.has(target));
  const within = (links: readonly string[], target: string) => links.some((link) => target.startsWith(`${link}/`));
  const changed = [...wanted].flatMap(([target, { value, compared, given }]): Difference[] => {
    const before = found.get(target);
    if (isLink(target) || before?.compared === compared) return [];
    // A new connection or link has what it is given; what it leaves to the service is no change.
    if (!before && !given) return [];
    return [
      {
        target,
        change: before && !given ? "reset" : before?.given ? "set" : "add",
        before: before?.given ? before.value : null,
        after: value,
      },
    ];
  });
  const links = [
    ...removed.map((target): Difference => ({ target, change: "remove", before: found.get(target)?.value, after: null })),
    ...added.map((target): Difference => ({ target, change: "add", before: null, after: wanted.get(target)?.value })),
  ];
  return [...links, ...changed.filter(({ target }) => !within(added, target))].sort((a, b) => (a.target < b.target ? -1 : 1));
}

const linksAt = "/properties/vpnLinkConnections/";

function isLink(target: string): boolean {
  return target.startsWith(linksAt) && !target.slice(linksAt.length).includes("/");
}

/** Every property of a connection that a request can set, by its place. */
function factsOf(connection: unknown): Map<string, Fact> {
  if (connection === undefined) return new Map();
  const properties = field(connection, "properties");
  const links = list(field(properties, "vpnLinkConnections"));
  return new Map([
    ...withDefaults("/properties", properties, { ...connectionDefaults, ...(links.length > 0 ? {} : tunnelDefaults) }),
    ...routingFacts(field(properties, "routingConfiguration")),
    ...links.flatMap((link): [string, Fact][] => {
      const at = linksAt + String(field(link, "name")).toLowerCase();
      return [
        [at, { value: shownLink(link), compared: "", given: true }],
        ...withDefaults(`${at}/properties`, field(link, "properties"), linkDefaults),
      ];
    }),
  ]);
}

/** A link in a sentence: its name and the site's link. */
function shownLink(link: unknown): unknown {
  return { name: field(link, "name"), vpnSiteLink: field(field(link, "properties"), "vpnSiteLink") ?? null };
}

function withDefaults(at: string, properties: unknown, defaults: object): [string, Fact][] {
  return Object.entries(defaults).map(([name, value]) => [`${at}/${name}`, fact(field(properties, name), value)]);
}

/** Routing that is left out, or given as empty tables, is filled with the hub's default route table (recorded). */
function routingFacts(configuration: unknown): [string, Fact][] {
  const at = "/properties/routingConfiguration";
  const propagated = field(configuration, "propagatedRouteTables");
  const labels = list(field(propagated, "labels")).map(String).sort();
  const ids = list(field(propagated, "ids")).map(tableOf).sort();
  const filled = labels.length === 0 && ids.length === 0;
  const associated = field(configuration, "associatedRouteTable");
  const shown = { labels: filled ? ["default"] : labels, ids: filled ? ["default"] : ids };
  return [
    [`${at}/associatedRouteTable`, { value: associated ?? "default", compared: tableOf(associated), given: associated !== undefined }],
    [`${at}/propagatedRouteTables`, { value: filled ? shown : propagated, compared: JSON.stringify(shown), given: !filled }],
    ...["inboundRouteMap", "outboundRouteMap"].map((name): [string, Fact] => [`${at}/${name}`, fact(field(configuration, name), null)]),
    [`${at}/vnetRoutes/staticRoutes`, fact(field(field(configuration, "vnetRoutes"), "staticRoutes"), [])],
  ];
}

function fact(found: unknown, otherwise: unknown): Fact {
  // An empty list is how the service shows that there is none.
  const given = found !== undefined && found !== null && !(Array.isArray(found) && found.length === 0);
  const value = given ? found : otherwise;
  return { value, compared: JSON.stringify(comparable(value)), given };
}

function tableOf(reference: unknown): string {
  const id = String(field(reference, "id") ?? "/hubRouteTables/defaultRouteTable").toLowerCase();
  return id.endsWith("/hubroutetables/defaultroutetable") ? "default" : id;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Keys in one order, ids in lower case and synonyms as one, so that equal values have equal JSON. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "string") return synonyms.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, item]) => [name, name === "id" ? String(item).toLowerCase() : comparable(item)]));
}
