import { fieldName } from "../field-name.ts";
import { quoteId } from "../quote.ts";
import { docs, linksOf, listPresent, type Path, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

/** What the id of each type of resource looks like. */
const shapes = {
  vpnSites: "vpnSites/{site}",
  vpnSiteLinks: "vpnSites/{site}/vpnSiteLinks/{link}",
  hubRouteTables: "virtualHubs/{hub}/hubRouteTables/{table}",
  routeMaps: "virtualHubs/{hub}/routeMaps/{map}",
  natRules: "vpnGateways/{gateway}/natRules/{rule}",
} as const;

/** The form of resource ids. Letter case does not matter. */
export const resourceIdRules: readonly Rule[] = [
  {
    code: "InvalidResourceId",
    severity: "error",
    says: "A reference is the full Resource Manager id of a resource of the right type.",
    source: `${docs}/azure-resource-manager/templates/template-functions-resource#resourceid`,
    check: (data) =>
      referencesOf(data)
        .filter(({ id, shape }) => !patternOf(shape).test(id))
        .map(({ at, id, shape }) => ({
          at,
          message: `${fieldName(at)} must be the full id of a resource and end with /Microsoft.Network/${shapes[shape]}. Found ${quoteId(id)}.`,
        })),
  },
];

const prefix = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/";

/**
 * A name inside an id: no character that the name rules of all types exclude, and nothing that
 * would change the path.
 */
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
  const many = (references: Parameters<typeof listPresent<{ readonly id?: string | undefined }>>[0], at: Path, shape: Reference["shape"]) =>
    listPresent(references, at).flatMap(({ at, item }) => one(item, at, shape));
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
