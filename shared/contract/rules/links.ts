import { quoteId } from "../quote.ts";
import {
  breachIf,
  docs,
  findRepeated,
  linksOf,
  type Properties,
  properties,
  propertiesOf,
  type RequestData,
  type Rule,
  reference,
  terraform,
} from "./rule.ts";

/** Link connections and the links of the site. */
export const linkRules: readonly Rule[] = [
  {
    code: "LinkNameUnusual",
    severity: "warning",
    says: "The name of a link connection follows the name rules of gateways and connections.",
    source: `${docs}/azure-resource-manager/management/resource-name-rules#microsoftnetwork`,
    check: (data) =>
      linksOf(data).flatMap(({ at, link: { name } }) =>
        breachIf(
          name !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/.test(name),
          [...at, "name"],
          'name should have 1 to 80 letters, digits, "_", "." or "-", start with a letter or digit, and end with a letter, digit or "_".',
        ),
      ),
  },
  {
    code: "DuplicateLinkName",
    severity: "warning",
    says: "The link connections of a connection have different names.",
    source: `${docs}/azure-resource-manager/management/resource-name-rules`,
    check: (data) =>
      findRepeated(linksOf(data), ({ link }) => link.name).map(({ at, link }) => ({
        at: [...at, "name"],
        message: `Two links are called ${link.name?.slice(0, 80)}. Give each link its own name.`,
      })),
  },
  {
    code: "DuplicateLink",
    severity: "warning",
    says: "Each link of a site has one link connection.",
    source: reference,
    check: (data) =>
      findRepeated(linksOf(data), ({ link }) => link.properties?.vpnSiteLink?.id).map(({ at, link }) => ({
        at: [...at, "properties", "vpnSiteLink", "id"],
        message: `Another link connection uses the same link of the site, ${quoteId(link.properties?.vpnSiteLink?.id)}.`,
      })),
  },
  {
    code: "MissingSiteLink",
    severity: "warning",
    says: "A link connection names the link of the site that it uses.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      linksOf(data)
        .filter(({ link }) => link.name !== undefined && (link.properties === undefined || !("vpnSiteLink" in link.properties)))
        .map(({ at }) => ({
          at: [...at, "properties", "vpnSiteLink"],
          message: "vpnSiteLink is missing. Give the id of the site's link that this link connection uses.",
        })),
  },
  {
    code: "LinkOfAnotherSite",
    severity: "warning",
    says: "Every `vpnSiteLink` belongs to `remoteVpnSite`.",
    source: `${docs}/virtual-wan/virtual-wan-site-to-site-portal`,
    check: (data) => {
      const site = propertiesOf(data).remoteVpnSite?.id?.toLowerCase();
      return linksOf(data).flatMap(({ at, link }) => {
        const id = link.properties?.vpnSiteLink?.id;
        return breachIf(
          site !== undefined && id !== undefined && !id.toLowerCase().startsWith(`${site}/vpnsitelinks/`),
          [...at, "properties", "vpnSiteLink", "id"],
          `vpnSiteLink.id should be a link of remoteVpnSite. Found ${quoteId(id)}.`,
        );
      });
    },
  },
  {
    code: "DeprecatedConnectionProperty",
    severity: "error",
    says: "If a connection has links, `ipsecPolicies` and `connectionBandwidth` are set on each link. Azure refuses them on the connection.",
    source: "https://github.com/Azure/azure-cli-extensions/issues/4074",
    check: (data) =>
      findMisplaced(
        data,
        ["ipsecPolicies", "connectionBandwidth"],
        "cannot be set on a connection that has links. Set it on each link instead.",
      ),
  },
  {
    code: "LinkPropertyOnConnection",
    severity: "warning",
    says: "If a connection has links, the properties of the tunnel are set on each link. On the connection they have no effect.",
    source: "https://github.com/Azure/azure-powershell/issues/24743",
    check: (data) =>
      findMisplaced(
        data,
        [
          "routingWeight",
          "vpnConnectionProtocolType",
          "sharedKey",
          "enableBgp",
          "enableRateLimiting",
          "usePolicyBasedTrafficSelectors",
          "useLocalAzureIpAddress",
          "dpdTimeoutSeconds",
        ],
        "has no effect on a connection that has links. Set it on each link instead.",
      ),
  },
];

function findMisplaced(data: RequestData, names: readonly (keyof Properties)[], message: string) {
  if (linksOf(data).length === 0) return [];
  const given = propertiesOf(data);
  return names
    .filter((name) => given[name] !== undefined && !(Array.isArray(given[name]) && given[name].length === 0))
    .map((name) => ({ at: [...properties, name], message: `${name} ${message}` }));
}
