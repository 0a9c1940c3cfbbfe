import { docs, linksOf, properties, type RequestData, type Rule } from "./rule.ts";

/** The site, its links, and what belongs to a link. */
export const linkRules: readonly Rule[] = [
  {
    code: "DuplicateLinkName",
    severity: "warning",
    source: `${docs}/azure-resource-manager/management/resource-name-rules`,
    check: (data) => {
      const names = linksOf(data).map(({ link }) => link.name.toLowerCase());
      return linksOf(data)
        .filter((_, index) => names.indexOf(names[index] ?? "") !== index)
        .map(({ at, link }) => ({ at: [...at, "name"], message: `Two link connections are called ${JSON.stringify(link.name)}.` }));
    },
  },
  {
    code: "LinkOfAnotherSite",
    severity: "warning",
    source: `${docs}/virtual-wan/virtual-wan-site-to-site-portal`,
    check: (data) => {
      const site = data.connection.properties.remoteVpnSite.id.toLowerCase();
      return linksOf(data)
        .filter(
          ({ link }) => link.properties?.vpnSiteLink && !link.properties.vpnSiteLink.id.toLowerCase().startsWith(`${site}/vpnsitelinks/`),
        )
        .map(({ at }) => ({ at: [...at, "properties", "vpnSiteLink", "id"], message: "This link does not belong to remoteVpnSite." }));
    },
  },

  {
    code: "DeprecatedConnectionProperty",
    severity: "error",
    source: "https://github.com/Azure/azure-cli-extensions/issues/4074",
    check: (data) =>
      misplaced(data, ["ipsecPolicies", "connectionBandwidth"], "Azure refuses this on a connection with links; set it on each link."),
  },
  {
    code: "LinkPropertyOnConnection",
    severity: "warning",
    source: "https://github.com/Azure/azure-powershell/issues/24743",
    check: (data) =>
      misplaced(
        data,
        ["routingWeight", "vpnConnectionProtocolType", "sharedKey", "enableBgp", "enableRateLimiting", "usePolicyBasedTrafficSelectors"],
        "On a connection with links this has no effect; set it on each link.",
      ),
  },
];

function misplaced(data: RequestData, names: readonly (keyof RequestData["connection"]["properties"])[], message: string) {
  if (linksOf(data).length === 0) return [];
  const given = data.connection.properties;
  return names
    .filter((name) => given[name] !== undefined && !(Array.isArray(given[name]) && given[name].length === 0))
    .map((name) => ({ at: [...properties, name], message }));
}
