import { shown } from "../shown.ts";
import { isAzureApipa, isIpv4 } from "./addresses.ts";
import { docs, linksOf, present, type RequestData, type Rule, repeated, terraform } from "./rule.ts";

const siteToSite = `${docs}/virtual-wan/virtual-wan-site-to-site-portal`;

/** BGP addresses of the gateway's instances. */
export const bgpRules: readonly Rule[] = [
  {
    code: "InvalidIpConfiguration",
    severity: "error",
    says: "A custom BGP address belongs to Instance0 or Instance1 of the gateway.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      addresses(data)
        .filter(({ item: { ipConfigurationId: found } }) => found !== undefined && !/^Instance[01]$/i.test(found))
        .map(({ at, item }) => ({
          at: [...at, "ipConfigurationId"],
          message: `Expected Instance0 or Instance1; found ${shown(item.ipConfigurationId)}.`,
        })),
  },
  {
    code: "InvalidBgpAddress",
    severity: "error",
    says: "A custom BGP address is an IPv4 address in 169.254.21.0/24 or 169.254.22.0/24.",
    source: siteToSite,
    check: (data) =>
      addresses(data)
        .filter(({ item: { customBgpIpAddress: found } }) => found !== undefined && !(isIpv4(found) && isAzureApipa(found)))
        .map(({ at, item }) => ({
          at: [...at, "customBgpIpAddress"],
          message: `Expected an IPv4 address in 169.254.21.0/24 or 169.254.22.0/24; found ${shown(item.customBgpIpAddress)}.`,
        })),
  },
  {
    code: "DuplicateBgpAddress",
    severity: "error",
    says: "The two instances of the gateway have different custom BGP addresses on a link.",
    source: siteToSite,
    check: (data) =>
      perLink(data).flatMap(({ items }) =>
        repeated(items, ({ item }) => item.customBgpIpAddress).map(({ at, item }) => ({
          at: [...at, "customBgpIpAddress"],
          message: `Expected an address of its own for each instance; found ${shown(item.customBgpIpAddress)} twice.`,
        })),
      ),
  },
  {
    code: "DuplicateIpConfiguration",
    severity: "warning",
    says: "Each instance of the gateway has one custom BGP address on a link.",
    source: siteToSite,
    check: (data) =>
      perLink(data).flatMap(({ items }) =>
        repeated(items, ({ item }) => item.ipConfigurationId).map(({ at, item }) => ({
          at: [...at, "ipConfigurationId"],
          message: `Expected one address for each instance; found ${shown(item.ipConfigurationId)} twice.`,
        })),
      ),
  },
  {
    code: "BgpAddressWithoutBgp",
    severity: "warning",
    says: "A custom BGP address has an effect only with `enableBgp`.",
    source: siteToSite,
    check: (data) =>
      linksOf(data)
        .filter(({ link }) => (link.properties?.vpnGatewayCustomBgpAddresses?.length ?? 0) > 0 && link.properties?.enableBgp !== true)
        .map(({ at }) => ({
          at: [...at, "properties", "vpnGatewayCustomBgpAddresses"],
          message: "Expected enableBgp beside it; found the addresses alone.",
        })),
  },
];

function perLink(data: RequestData) {
  return linksOf(data).map(({ at, link }) => ({
    items: present(link.properties?.vpnGatewayCustomBgpAddresses, [...at, "properties", "vpnGatewayCustomBgpAddresses"]),
  }));
}

function addresses(data: RequestData) {
  return perLink(data).flatMap(({ items }) => items);
}
