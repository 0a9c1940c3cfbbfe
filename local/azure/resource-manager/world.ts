/** What is in one resource group. Names are compared without case, as in the service. */
interface ResourceGroup {
  readonly hubs: Readonly<Record<string, { readonly tables: readonly string[]; readonly maps: readonly string[] }>>;
  /** The hub of each gateway. */
  readonly gateways: Readonly<Record<string, string>>;
  /** The mode of each NAT rule; every gateway has them all. */
  readonly natRules: Readonly<Record<string, "EgressSnat" | "IngressSnat">>;
  /** The links of each site, and whether a link has settings for BGP. */
  readonly sites: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
}

export const location = "westus";
const ownTables = ["defaultRouteTable", "noneRouteTable"];
const named = <T>(names: readonly string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));
const numbered = (count: number, nameOf: (number: number) => string) => Array.from({ length: count }, (_, index) => nameOf(index + 1));

/** The resources of the reference's sample, but with fifty gateways and fifty sites. */
const rg1: ResourceGroup = {
  hubs: {
    hub1: { tables: [...ownTables, "hubRouteTable1", "hubRouteTable2", "hubRouteTable3"], maps: ["routeMap1", "routeMap2"] },
    virtualHub1: { tables: ownTables, maps: ["routeMap1", "routeMap2"] },
  },
  gateways: named(
    numbered(50, (number) => `gateway${number}`),
    "hub1",
  ),
  natRules: { egressNat1: "EgressSnat", ingressNat1: "IngressSnat" },
  sites: {
    ...named(
      numbered(50, (number) => `vpnSite${number}`),
      { siteLink1: true, siteLink2: false },
    ),
    siteWithoutLinks: {},
  },
};

const regions = ["westeurope", "northeurope", "eastus", "southeastasia"];
const natted = ["fibre-1", "fibre-2", "lte-1", "lte-2", "zug"];

/** What the files of `examples/` name. */
const rgWan: ResourceGroup = {
  hubs: named(
    regions.map((region) => `hub-${region}`),
    { tables: ownTables, maps: ["from-branches", "to-branches"] },
  ),
  gateways: Object.fromEntries(regions.map((region) => [`gw-${region}`, `hub-${region}`])),
  natRules: {
    ...named(
      natted.map((name) => `egress-${name}`),
      "EgressSnat",
    ),
    ...named(
      natted.map((name) => `ingress-${name}`),
      "IngressSnat",
    ),
  },
  sites: {
    ...named(
      [
        ...["basel", "bern", "chur", "lugano", "thun", "zug"].map((city) => `branch-${city}`),
        ...numbered(40, (number) => `branch-${String(number).padStart(3, "0")}`),
      ],
      { fibre: true },
    ),
    "branch-zurich": { "fibre-1": true, "fibre-2": true, "lte-1": true, "lte-2": true },
    "branch-geneva": {},
  },
};

const groups: Readonly<Record<string, ResourceGroup>> = { rg1, "rg-wan": rgWan };

/** Returns the resource group of that name, which is in every subscription, or undefined. */
export function findGroup(name: string): ResourceGroup | undefined {
  return groups[name.toLowerCase()];
}

/** Returns the gateway of that name as the service spells it, with its hub, or undefined. */
export function findGateway(group: string, name: string): { readonly name: string; readonly hub: string } | undefined {
  const [gateway, hub] = find(findGroup(group)?.gateways, name) ?? [];
  return gateway === undefined || hub === undefined ? undefined : { name: gateway, hub };
}

/** Returns the links of a site given by its id, or undefined if there is no such site. */
export function findLinksOfSite(siteId: string): readonly string[] | undefined {
  const [, group = "", name = ""] = /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/vpnSites\/([^/]+)$/i.exec(siteId) ?? [];
  const [, links] = find(findGroup(group)?.sites, name) ?? [];
  return links && Object.keys(links);
}

/** Returns the body of a resource given by its path below `base`, or undefined. */
export function findResource(group: string, base: string, path: string): object | undefined {
  const { hubs, natRules, sites } = findGroup(group) ?? {};
  const [type = "", name = "", childType = "", childName = ""] = path.split("/");
  const isChild = childType !== "";
  const body = (resourceType: string, at: string, properties: object) => ({
    name: at.split("/").at(-1),
    id: `${base}/${at}`,
    type: `Microsoft.Network/${resourceType}`,
    ...(isChild ? {} : { location }),
    properties: { provisioningState: "Succeeded", ...properties },
  });
  const virtualWan = { id: `${base}/virtualWans/wan1` };

  switch ([type, ...(isChild ? [childType] : [])].join("/").toLowerCase()) {
    case "virtualwans":
      return hubs && name.toLowerCase() === "wan1" ? body("virtualWans", "virtualWans/wan1", { type: "Standard" }) : undefined;
    case "virtualhubs": {
      const [hub] = find(hubs, name) ?? [];
      return hub === undefined ? undefined : body("virtualHubs", `virtualHubs/${hub}`, { virtualWan, addressPrefix: "10.0.0.0/23" });
    }
    case "virtualhubs/hubroutetables":
    case "virtualhubs/routemaps": {
      const [hub, { tables = [], maps = [] } = {}] = find(hubs, name) ?? [];
      const isMap = childType.toLowerCase() === "routemaps";
      const child = (isMap ? maps : tables).find(isSame(childName));
      const spelled = isMap ? "routeMaps" : "hubRouteTables";
      const properties = isMap ? { rules: [] } : { routes: [], labels: [] };
      return child === undefined ? undefined : body(`virtualHubs/${spelled}`, `virtualHubs/${hub}/${spelled}/${child}`, properties);
    }
    case "vpnsites":
    case "vpnsites/vpnsitelinks": {
      const [site, links] = find(sites, name) ?? [];
      const linkBody = ([link, hasBgp]: readonly [string, boolean]) =>
        body("vpnSites/vpnSiteLinks", `vpnSites/${site}/vpnSiteLinks/${link}`, {
          ipAddress: "203.0.113.7",
          linkProperties: { linkSpeedInMbps: 100 },
          ...(hasBgp ? { bgpProperties: { asn: 65_010, bgpPeeringAddress: "192.168.1.1" } } : {}),
        });
      const link = find(links, childName);
      if (isChild) return link && linkBody(link);
      return links && body("vpnSites", `vpnSites/${site}`, { virtualWan, vpnSiteLinks: Object.entries(links).map(linkBody) });
    }
    case "vpngateways/natrules": {
      const gateway = findGateway(group, name);
      const [rule, mode] = find(natRules, childName) ?? [];
      const mappings = { internalMappings: [{ addressSpace: "10.1.0.0/24" }], externalMappings: [{ addressSpace: "192.168.1.0/24" }] };
      if (!gateway || !rule) return undefined;
      return body("vpnGateways/natRules", `vpnGateways/${gateway.name}/natRules/${rule}`, { type: "Static", mode, ...mappings });
    }
    default:
      return undefined;
  }
}

const isSame = (name: string) => (known: string) => known.toLowerCase() === name.toLowerCase();

function find<T>(entries: Readonly<Record<string, T>> = {}, name: string): readonly [string, T] | undefined {
  return Object.entries(entries).find(([known]) => isSame(name)(known));
}
