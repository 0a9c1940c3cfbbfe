type Fields = Readonly<Record<string, unknown>>;

/** What the service writes where a connection without links, or a link connection, says nothing (recorded answers of 2021 to 2024). */
const tunnelDefaults = {
  connectionBandwidth: 10,
  ipsecPolicies: [],
  vpnConnectionProtocolType: "IKEv2",
  enableBgp: false,
  enableRateLimiting: false,
  useLocalAzureIpAddress: false,
  usePolicyBasedTrafficSelectors: false,
  routingWeight: 0,
};

/** A connection as the service stores it: what was put, defaults filled in, keys apart (answers have not shown them since 2024-10-01). */
export function storedConnection(
  id: string,
  hubId: string,
  put: { properties?: Fields },
): { name: string; id: string; type: string; properties: Fields } {
  const { sharedKey: _, vpnLinkConnections, routingConfiguration, ...properties } = put.properties ?? {};
  const links = Array.isArray(vpnLinkConnections) ? (vpnLinkConnections as { name: string; properties?: Fields }[]) : [];
  return {
    name: id.split("/").at(-1) ?? "",
    id,
    type: "Microsoft.Network/vpnGateways/vpnConnections",
    properties: {
      routingConfiguration: routing(hubId, routingConfiguration as Fields | undefined),
      enableInternetSecurity: false,
      ingressBytesTransferred: 0,
      egressBytesTransferred: 0,
      ...(links.length === 0 ? tunnelDefaults : {}),
      ...properties,
      ...(links.length === 0 ? {} : { vpnLinkConnections: links.map((link) => storedLink(id, link)) }),
    },
  };
}

function storedLink(id: string, { name, properties = {} }: { name: string; properties?: Fields }): Fields {
  const { sharedKey: _, ...kept } = properties;
  return {
    name,
    id: `${id}/vpnLinkConnections/${name}`,
    type: "Microsoft.Network/vpnGateways/vpnConnections/vpnLinkConnections",
    properties: {
      ...tunnelDefaults,
      vpnLinkConnectionMode: "Default",
      dpdTimeoutSeconds: 0,
      ingressBytesTransferred: 0,
      egressBytesTransferred: 0,
      ...kept,
    },
  };
}

/** Left out, or given as empty tables, routing means the hub's default route table. */
function routing(hubId: string, given: Fields = {}): Fields {
  const table = { id: `${hubId}/hubRouteTables/defaultRouteTable` };
  const { propagatedRouteTables, ...rest } = given;
  const propagated = propagatedRouteTables as { labels?: unknown[]; ids?: unknown[] } | undefined;
  const empty = !propagated?.labels?.length && !propagated?.ids?.length;
  return { associatedRouteTable: table, propagatedRouteTables: empty ? { labels: ["default"], ids: [table] } : propagated, ...rest };
}
