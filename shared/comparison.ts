import type { VpnConnection } from "./contract/connection.ts";
import { field } from "./operation.ts";

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
  vpnGatewayCustomBgpAddresses: [],
  egressNatRules: [],
  ingressNatRules: [],
};
const connectionDefaults = { enableInternetSecurity: false, trafficSelectorPolicies: [] };

/**
 * Whether the actual connection already is the desired one, keys aside (no GET shows a key). PUT replaces, so a property left out means the service's
 * default; ids are compared without case, links by name. Where the service's default is not known the two count as different: a needless PUT is
 * harmless, a missing one is not.
 */
export function sameConnection(desired: VpnConnection, actual: unknown): boolean {
  return JSON.stringify(comparable(desired)) === JSON.stringify(comparable(actual));
}

function comparable(connection: unknown): unknown {
  const properties = field(connection, "properties");
  const links = list(field(properties, "vpnLinkConnections")).map((link) => {
    const linkProperties = field(link, "properties");
    return { name: field(link, "name"), site: field(linkProperties, "vpnSiteLink"), ...withDefaults(linkProperties, linkDefaults) };
  });
  return sorted({
    ...withDefaults(properties, { ...connectionDefaults, ...(links.length > 0 ? {} : tunnelDefaults) }),
    site: field(properties, "remoteVpnSite"),
    routing: routing(field(properties, "routingConfiguration")),
    links: links.sort((a, b) => String(a.name).localeCompare(String(b.name))),
  });
}

/** Routing that is left out, or given as empty tables, is filled with the hub's default route table (recorded). */
function routing(configuration: unknown): unknown {
  const propagated = field(configuration, "propagatedRouteTables");
  const labels = list(field(propagated, "labels")).map(String).sort();
  const ids = list(field(propagated, "ids")).map(tableOf).sort();
  const filled = labels.length === 0 && ids.length === 0;
  return {
    associated: tableOf(field(configuration, "associatedRouteTable")),
    propagated: filled ? { labels: ["default"], ids: ["default"] } : { labels, ids },
    maps: [field(configuration, "inboundRouteMap"), field(configuration, "outboundRouteMap")],
    staticRoutes: list(field(field(configuration, "vnetRoutes"), "staticRoutes")),
  };
}

function tableOf(reference: unknown): string {
  const id = String(field(reference, "id") ?? "/hubRouteTables/defaultRouteTable").toLowerCase();
  return id.endsWith("/hubroutetables/defaultroutetable") ? "default" : id;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function withDefaults(properties: unknown, defaults: object): object {
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, field(properties, name) ?? value]));
}

/** Keys in one order and ids in lower case, so that equal values have equal JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, item]) => [name, name === "id" ? String(item).toLowerCase() : sorted(item)]));
}
