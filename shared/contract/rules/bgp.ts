import { fieldName } from "../field-name.ts";
import { quoteValue } from "../quote.ts";
import { isAzureApipa, isIpv4 } from "./addresses.ts";
import { docs, findRepeated, linksOf, listPresent, type RequestData, type Rule, terraform } from "./rule.ts";

const siteToSite = `${docs}/virtual-wan/virtual-wan-site-to-site-portal`;

/** BGP addresses of the gateway's instances. */
export const bgpRules: readonly Rule[] = [
  {
    code: "InvalidIpConfiguration",
    severity: "error",
    says: "A custom BGP address belongs to Instance0 or Instance1 of the gateway.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      listAddresses(data)
        .filter(({ item: { ipConfigurationId: found } }) => found !== undefined && !/^Instance[01]$/i.test(found))
        .map(({ at, item }) => ({
          at: [...at, "ipConfigurationId"],
          message: `${fieldName([...at, "ipConfigurationId"])} must be Instance0 or Instance1. Found ${quoteValue(item.ipConfigurationId)}.`,
        })),
  },
  {
    code: "InvalidBgpAddress",
    severity: "error",
    says: "A custom BGP address is an IPv4 address in 169.254.21.0/24 or 169.254.22.0/24.",
    source: siteToSite,
    check: (data) =>
      listAddresses(data)
        .filter(({ item: { customBgpIpAddress: found } }) => found !== undefined && !(isIpv4(found) && isAzureApipa(found)))
        .map(({ at, item }) => ({
          at: [...at, "customBgpIpAddress"],
          message: `${fieldName([...at, "customBgpIpAddress"])} must be an address in 169.254.21.0/24 or 169.254.22.0/24. Found ${quoteValue(item.customBgpIpAddress)}.`,
        })),
  },
  {
    code: "DuplicateBgpAddress",
    severity: "error",
    says: "The two instances of the gateway have different custom BGP addresses on a link.",
    source: siteToSite,
    check: (data) =>
      listAddressesByLink(data).flatMap(({ items }) =>
        findRepeated(items, ({ item }) => item.customBgpIpAddress).map(({ at, item }) => ({
          at: [...at, "customBgpIpAddress"],
          message: `Two instances of the gateway have the BGP address ${quoteValue(item.customBgpIpAddress)}. Give each instance its own address.`,
        })),
      ),
  },
  {
    code: "DuplicateIpConfiguration",
    severity: "warning",
    says: "Each instance of the gateway has one custom BGP address on a link.",
    source: siteToSite,
    check: (data) =>
      listAddressesByLink(data).flatMap(({ items }) =>
        findRepeated(items, ({ item }) => item.ipConfigurationId).map(({ at, item }) => ({
          at: [...at, "ipConfigurationId"],
          message: `Two BGP addresses are for ${quoteValue(item.ipConfigurationId)}. Give each instance of the gateway one address.`,
        })),
      ),
  },
  {
    code: "BgpAddressWithoutBgp",
    severity: "warning",
    says: "Custom BGP addresses have an effect only if `enableBgp` is true on the same link.",
    source: siteToSite,
    check: (data) =>
      linksOf(data)
        .filter(({ link }) => (link.properties?.vpnGatewayCustomBgpAddresses?.length ?? 0) > 0 && link.properties?.enableBgp !== true)
        .map(({ at }) => ({
          at: [...at, "properties", "vpnGatewayCustomBgpAddresses"],
          message: "Custom BGP addresses have no effect unless enableBgp is true on the same link.",
        })),
  },
];

function listAddressesByLink(data: RequestData) {
  return linksOf(data).map(({ at, link }) => ({
    items: listPresent(link.properties?.vpnGatewayCustomBgpAddresses, [...at, "properties", "vpnGatewayCustomBgpAddresses"]),
  }));
}

function listAddresses(data: RequestData) {
  return listAddressesByLink(data).flatMap(({ items }) => items);
}
