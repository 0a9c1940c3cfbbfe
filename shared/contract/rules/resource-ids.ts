import { shown } from "../shown.ts";
import { docs, linksOf, type Path, present, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

/** The references of a request, each with the types its id must go through, and how such an id looks. */
const shapes = {
  vpnSites: "vpnSites/{site}",
  vpnSiteLinks: "vpnSites/{site}/vpnSiteLinks/{link}",
  hubRouteTables: "virtualHubs/{hub}/hubRouteTables/{table}",
  routeMaps: "virtualHubs/{hub}/routeMaps/{map}",
  natRules: "vpnGateways/{gateway}/natRules/{rule}",
} as const;

/** The shapes of resource ids, compared without case. */
export const resourceIdRules: readonly Rule[] = [
  {
    code: "InvalidResourceId",
    severity: "error",
    says: "A reference is the full Resource Manager id of a resource of the type that belongs there.",
    source: `${docs}/azure-resource-manager/templates/template-functions-resource#resourceid`,
    check: (data) =>
      referencesOf(data)
        .filter(({ id, shape }) => !patternOf(shape).test(id))
        .map(({ at, id, shape }) => ({ at, message: `Expected ${prefix}${shapes[shape]}; found ${shown(id, 200)}.` })),
  },
];

const prefix = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/";

/** Names inside an id: what the name rules of every type exclude, and what would change the path that the id stands for. */
const segment = "(?!\\.{1,2}(/|$))[^/<>%&:?#+'\\\\\\s]+";
const patterns = new Map(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    new RegExp(`^${(prefix + shape).replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, segment)}$`, "i"),
  ]),
);
function patternOf(shape: keyof typeof shapes): RegExp {
  return patterns.get(shape) as RegExp;
}

interface Reference {
  readonly at: Path;
  readonly id: string;
  readonly shape: keyof typeof shapes;
}

function referencesOf(data: RequestData): Reference[] {
  const { remoteVpnSite, routingConfiguration: routing } = propertiesOf(data);
  const one = (reference: { readonly id?: string | undefined } | undefined, at: Path, shape: Reference["shape"]): Reference[] =>
    reference?.id ? [{ at: [...at, "id"], id: reference.id, shape }] : [];
  const many = (references: Parameters<typeof present<{ readonly id?: string | undefined }>>[0], at: Path, shape: Reference["shape"]) =>
    present(references, at).flatMap(({ at, item }) => one(item, at, shape));
  const onRouting = [...properties, "routingConfiguration"];
  return [
    ...one(remoteVpnSite, [...properties, "remoteVpnSite"], "vpnSites"),
    ...one(routing?.associatedRouteTable, [...onRouting, "associatedRouteTable"], "hubRouteTables"),
    ...many(routing?.propagatedRouteTables?.ids, [...onRouting, "propagatedRouteTables", "ids"], "hubRouteTables"),
    ...one(routing?.inboundRouteMap, [...onRouting, "inboundRouteMap"], "routeMaps"),
    ...one(routing?.outboundRouteMap, [...onRouting, "outboundRouteMap"], "routeMaps"),
    ...linksOf(data).flatMap(({ at, link }) => [
      ...one(link.properties?.vpnSiteLink, [...at, "properties", "vpnSiteLink"], "vpnSiteLinks"),
      ...many(link.properties?.egressNatRules, [...at, "properties", "egressNatRules"], "natRules"),
      ...many(link.properties?.ingressNatRules, [...at, "properties", "ingressNatRules"], "natRules"),
    ]),
  ];
}
