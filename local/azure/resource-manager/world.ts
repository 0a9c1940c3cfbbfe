/**
 * The Virtual WAN in the resource group `rg1` of every subscription. It has everything that the
 * sample of the reference names, fifty gateways (gateway1 to gateway50) in hub1 with a NAT rule for
 * each direction, fifty sites of two links each (vpnSite1 to vpnSite50: siteLink1 with BGP,
 * siteLink2) and one site without links.
 */
export const resourceGroup = "rg1";
export const location = "westus";

const createMany = (name: string) => Array.from({ length: 50 }, (_, index) => `${name}${index + 1}`);
const hubs: Readonly<Record<string, { readonly tables: readonly string[]; readonly maps: readonly string[] }>> = {
  hub1: {
    tables: ["defaultRouteTable", "noneRouteTable", "hubRouteTable1", "hubRouteTable2", "hubRouteTable3"],
    maps: ["routeMap1", "routeMap2"],
  },
  virtualHub1: { tables: ["defaultRouteTable", "noneRouteTable"], maps: ["routeMap1", "routeMap2"] },
};
const sites = new Map<string, readonly string[]>([
  ...createMany("vpnSite").map((name) => [name, ["siteLink1", "siteLink2"]] as const),
  ["siteWithoutLinks", []],
]);
const gateways = createMany("gateway");
const natRules: Readonly<Record<string, "EgressSnat" | "IngressSnat">> = { egressNat1: "EgressSnat", ingressNat1: "IngressSnat" };
export const gatewayHub = "hub1";

const find = <T extends string>(names: Iterable<T>, name: string) => [...names].find((known) => known.toLowerCase() === name.toLowerCase());

/**
 * Returns the name of a gateway in the spelling of the service, or nothing if it does not exist.
 */
export function findGateway(name: string): string | undefined {
  return find(gateways, name);
}

/** Returns the links of the site with this id, or nothing if it does not exist. */
export function findLinksOfSite(siteId: string): readonly string[] | undefined {
  const name = /\/resourceGroups\/rg1\/providers\/Microsoft\.Network\/vpnSites\/([^/]+)$/i.exec(siteId)?.[1];
  const known = name === undefined ? undefined : find(sites.keys(), name);
  return known === undefined ? undefined : sites.get(known);
}

/** Returns the body of the resource at a path below `Microsoft.Network/`, or nothing. */
export function findResource(base: string, path: string): object | undefined {
  const [type = "", name = "", childType, childName] = path.split("/");
  const createBody = (resourceType: string, at: string, properties: object) => ({
    name: at.split("/").at(-1),
    id: `${base}/${at}`,
    type: `Microsoft.Network/${resourceType}`,
    ...(childType === undefined ? { location } : {}),
    properties: { provisioningState: "Succeeded", ...properties },
  });
  if (type.toLowerCase() === "virtualhubs") {
    const hub = find(Object.keys(hubs), name);
    if (!hub) return undefined;
    if (childType === undefined)
      return createBody("virtualHubs", `virtualHubs/${hub}`, {
        virtualWan: { id: `${base}/virtualWans/wan1` },
        addressPrefix: "10.0.0.0/23",
      });
    const lists = { hubroutetables: hubs[hub]?.tables ?? [], routemaps: hubs[hub]?.maps ?? [] };
    const kind = childType.toLowerCase() as keyof typeof lists;
    const child = find(lists[kind] ?? [], childName ?? "");
    const spelled = kind === "routemaps" ? "routeMaps" : "hubRouteTables";
    return child
      ? createBody(
          `virtualHubs/${spelled}`,
          `virtualHubs/${hub}/${spelled}/${child}`,
          kind === "routemaps" ? { rules: [] } : { routes: [], labels: [] },
        )
      : undefined;
  }
  if (type.toLowerCase() === "vpnsites") {
    const site = find(sites.keys(), name);
    const links = sites.get(site ?? "");
    if (!site || !links) return undefined;
    const createLinkBody = (link: string) =>
      createBody("vpnSites/vpnSiteLinks", `vpnSites/${site}/vpnSiteLinks/${link}`, {
        ipAddress: "203.0.113.7",
        linkProperties: { linkSpeedInMbps: 100 },
        ...(link === "siteLink1" ? { bgpProperties: { asn: 65_010, bgpPeeringAddress: "192.168.1.1" } } : {}),
      });
    if (childType === undefined)
      return createBody("vpnSites", `vpnSites/${site}`, {
        virtualWan: { id: `${base}/virtualWans/wan1` },
        vpnSiteLinks: links.map(createLinkBody),
      });
    const link = find(links, childName ?? "");
    return childType.toLowerCase() === "vpnsitelinks" && link ? createLinkBody(link) : undefined;
  }
  if (type.toLowerCase() === "vpngateways" && childType?.toLowerCase() === "natrules") {
    const gateway = findGateway(name);
    const rule = find(Object.keys(natRules), childName ?? "");
    const mappings = { internalMappings: [{ addressSpace: "10.1.0.0/24" }], externalMappings: [{ addressSpace: "192.168.1.0/24" }] };
    return gateway && rule
      ? createBody("vpnGateways/natRules", `vpnGateways/${gateway}/natRules/${rule}`, { type: "Static", mode: natRules[rule], ...mappings })
      : undefined;
  }
  if (type.toLowerCase() === "virtualwans" && name.toLowerCase() === "wan1")
    return createBody("virtualWans", "virtualWans/wan1", { type: "Standard" });
  return undefined;
}
