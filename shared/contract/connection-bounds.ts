/**
 * The most items of each list of a connection, and the most characters of its texts. A limit of
 * Azure is taken if one is known. If not, the bound is at least ten times the most that recorded
 * traffic, published templates and our examples hold (the figure in brackets).
 */
export const most = {
  /**
   * Azure: https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site
   */
  links: 4,
  /** Azure: https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#ipsecike */
  ipsecPolicies: 1,
  /** Traffic selectors of a connection (1). */
  selectors: 64,
  /** Address ranges on one side of a selector (1). */
  ranges: 64,
  /** BGP addresses of one link (2, one for each instance of the gateway). */
  bgpAddresses: 32,
  /** NAT rules of one link in one direction (1). */
  natRules: 100,
  /** Labels of route tables (2). */
  labels: 100,
  /** Route tables that are named by their ids (3). */
  routeTables: 100,
  /** Routes into a virtual network (0). */
  staticRoutes: 100,
  /** Prefixes of one such route (0). */
  prefixes: 100,
  /**
   * Characters of a Resource Manager id (293) or of the URI of a secret (48). No id that keeps the
   * name rules is as long:
   * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
   */
  idLength: 3_000,
  /** Characters of a name, a label or an address (31). */
  nameLength: 512,
} as const;
