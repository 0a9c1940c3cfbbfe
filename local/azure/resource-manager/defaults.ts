type Fields = Readonly<Record<string, unknown>>;

/**
 * The service's defaults for a link connection, or for a connection without links (recorded
 * responses of 2021 to 2024).
 */
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

/**
 * Returns a connection as the service stores it: the properties of the PUT with defaults filled in.
 * Pre-shared keys are left out, because responses have not shown them since 2024-10-01.
 */
export function createStoredConnection(
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
      routingConfiguration: completeRouting(hubId, routingConfiguration as Fields | undefined),
      enableInternetSecurity: false,
      ingressBytesTransferred: 0,
      egressBytesTransferred: 0,
      ...(links.length === 0 ? tunnelDefaults : {}),
      ...properties,
      ...(links.length === 0 ? {} : { vpnLinkConnections: links.map((link) => createStoredLink(id, link)) }),
    },
  };
}

function createStoredLink(id: string, { name, properties = {} }: { name: string; properties?: Fields }): Fields {
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

/** If routing is missing or its tables are empty, it is the hub's default route table. */
function completeRouting(hubId: string, given: Fields = {}): Fields {
  const table = { id: `${hubId}/hubRouteTables/defaultRouteTable` };
  const { propagatedRouteTables, ...rest } = given;
  const propagated = propagatedRouteTables as { labels?: unknown[]; ids?: unknown[] } | undefined;
  const empty = !propagated?.labels?.length && !propagated?.ids?.length;
  return { associatedRouteTable: table, propagatedRouteTables: empty ? { labels: ["default"], ids: [table] } : propagated, ...rest };
}
