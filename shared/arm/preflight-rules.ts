import type { Finding } from "../contract/finding.ts";

/**
 * The rules about what is in Azure. What breaks an error rule is known to be refused by the
 * service.
 */
export const preflightRules = {
  GatewayMissing: {
    severity: "error",
    says: "The VPN gateway exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal",
  },
  SiteMissing: {
    severity: "error",
    says: "The VPN site exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  SiteLinkMissing: {
    severity: "error",
    says: "The VPN site has the link.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  LinkConnectionRequired: {
    severity: "error",
    says: "If the site has links, the connection has link connections. Otherwise Azure ends the operation with InvalidConnectedSiteId.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  RouteTableMissing: {
    severity: "error",
    says: "The route table exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/about-virtual-hub-routing",
  },
  RouteMapMissing: {
    severity: "error",
    says: "The route map exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/route-maps-about",
  },
  NotInGatewaysHub: {
    severity: "warning",
    says: "Route tables and route maps are in the gateway's virtual hub.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/about-virtual-hub-routing",
  },
  NatRuleMissing: {
    severity: "error",
    says: "The NAT rule exists before the connection does.",
    source: "https://github.com/Azure/bicep-registry-modules/issues/4509",
  },
  NatRuleMode: {
    severity: "warning",
    says: "Egress rules have the mode EgressSnat, ingress rules IngressSnat.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/nat-rules-vpn-gateway",
  },
  BgpSettingsMissing: {
    severity: "warning",
    says: "If a link connection has BGP, the site's link has an ASN and a peering address.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  NotChecked: {
    severity: "warning",
    says: "A resource could not be read, so it was not checked.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/roles-permissions",
  },
} as const satisfies Record<string, { severity: Finding["severity"]; says: string; source: string }>;

/** Returns true if a finding with this code says that a resource does not exist. */
export function isMissingCode(code: string): boolean {
  return code in preflightRules && code.endsWith("Missing") && code !== "BgpSettingsMissing";
}
