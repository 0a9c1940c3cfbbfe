import { shown } from "../shown.ts";
import {
  broken,
  docs,
  linksOf,
  type Properties,
  properties,
  propertiesOf,
  type RequestData,
  type Rule,
  reference,
  repeated,
  terraform,
} from "./rule.ts";

/** The site, its links, and what belongs to a link. */
export const linkRules: readonly Rule[] = [
  {
    code: "LinkNameUnusual",
    severity: "warning",
    says: "The name of a link connection follows the name rules of the resources around it.",
    source: `${docs}/azure-resource-manager/management/resource-name-rules#microsoftnetwork`,
    check: (data) =>
      linksOf(data).flatMap(({ at, link: { name } }) =>
        broken(
          name !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/.test(name),
          [...at, "name"],
          `Expected 1 to 80 letters, digits, \`_\`, \`.\` or \`-\`, starting with a letter or digit; found ${shown(name)}.`,
        ),
      ),
  },
  {
    code: "DuplicateLinkName",
    severity: "warning",
    says: "The link connections of a connection have different names.",
    source: `${docs}/azure-resource-manager/management/resource-name-rules`,
    check: (data) =>
      repeated(linksOf(data), ({ link }) => link.name).map(({ at, link }) => ({
        at: [...at, "name"],
        message: `Expected a name of its own; found ${shown(link.name)} twice.`,
      })),
  },
  {
    code: "DuplicateLink",
    severity: "warning",
    says: "Each link of a site has one link connection.",
    source: reference,
    check: (data) =>
      repeated(linksOf(data), ({ link }) => link.properties?.vpnSiteLink?.id).map(({ at, link }) => ({
        at: [...at, "properties", "vpnSiteLink", "id"],
        message: `Expected one connection for each link; found ${shown(link.properties?.vpnSiteLink?.id, 200)} twice.`,
      })),
  },
  {
    code: "MissingSiteLink",
    severity: "warning",
    says: "A link connection names the link of the site it uses.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      linksOf(data)
        .filter(({ link }) => link.name !== undefined && (link.properties === undefined || !("vpnSiteLink" in link.properties)))
        .map(({ at }) => ({ at: [...at, "properties", "vpnSiteLink"], message: "Expected the id of a link of the site; found nothing." })),
  },
  {
    code: "LinkOfAnotherSite",
    severity: "warning",
    says: "The links belong to remoteVpnSite.",
    source: `${docs}/virtual-wan/virtual-wan-site-to-site-portal`,
    check: (data) => {
      const site = propertiesOf(data).remoteVpnSite?.id?.toLowerCase();
      return linksOf(data).flatMap(({ at, link }) => {
        const id = link.properties?.vpnSiteLink?.id;
        return broken(
          site !== undefined && id !== undefined && !id.toLowerCase().startsWith(`${site}/vpnsitelinks/`),
          [...at, "properties", "vpnSiteLink", "id"],
          `Expected a link of remoteVpnSite; found ${shown(id, 200)}.`,
        );
      });
    },
  },
  {
    code: "DeprecatedConnectionProperty",
    severity: "error",
    says: "Once a connection has links, Azure refuses `ipsecPolicies` and `connectionBandwidth` on it; they stand on each link.",
    source: "https://github.com/Azure/azure-cli-extensions/issues/4074",
    check: (data) =>
      misplaced(data, ["ipsecPolicies", "connectionBandwidth"], "Azure refuses this on a connection with links; set it on each link."),
  },
  {
    code: "LinkPropertyOnConnection",
    severity: "warning",
    says: "Once a connection has links, the properties of the tunnel stand on each link.",
    source: "https://github.com/Azure/azure-powershell/issues/24743",
    check: (data) =>
      misplaced(
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
        "On a connection with links this has no effect; set it on each link.",
      ),
  },
];

function misplaced(data: RequestData, names: readonly (keyof Properties)[], message: string) {
  if (linksOf(data).length === 0) return [];
  const given = propertiesOf(data);
  return names
    .filter((name) => given[name] !== undefined && !(Array.isArray(given[name]) && given[name].length === 0))
    .map((name) => ({ at: [...properties, name], message: `${message} Found ${name}.` }));
}
