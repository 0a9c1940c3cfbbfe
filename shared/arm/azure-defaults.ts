/**
 * The values that Azure sets if a request has none, by the name of the property (recorded
 * responses, api-versions 2020-05-01 to 2022-07-01). A list is empty, and a reference is null. The
 * default of vnetLocalRouteOverrideCriteria is that of
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/virtual_hub_connection
 */
export const azureDefaults: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["connectionBandwidth", 10],
  ["dpdTimeoutSeconds", 0],
  ["enableBgp", false],
  ["enableInternetSecurity", false],
  ["enableRateLimiting", false],
  ["routingWeight", 0],
  ["saDataSizeKilobytes", 0],
  ["useLocalAzureIpAddress", false],
  ["usePolicyBasedTrafficSelectors", false],
  ["vnetLocalRouteOverrideCriteria", "Contains"],
  ["vpnConnectionProtocolType", "IKEv2"],
  ["vpnLinkConnectionMode", "Default"],
]);

/**
 * Two spellings of one value, by the name of the property. Groups that have two names:
 * https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#ipsecike. A timeout of 0
 * stands for 45 seconds, and reads show either of them:
 * https://github.com/Azure/Azure-Landing-Zones/issues/3984
 */
export const synonyms: ReadonlyMap<string, ReadonlyMap<unknown, unknown>> = new Map([
  ["dhGroup", new Map<unknown, unknown>([["dhgroup2048", "dhgroup14"]])],
  ["pfsGroup", new Map<unknown, unknown>([["pfs2048", "pfs14"]])],
  ["dpdTimeoutSeconds", new Map<unknown, unknown>([[45, 0]])],
]);

/**
 * Texts that are not constants, and in which letter case does not matter: ids, labels, addresses
 * and the names of the gateway's instances.
 */
export const caselessTexts: ReadonlySet<string> = new Set([
  "id",
  "labels",
  "ipConfigurationId",
  "customBgpIpAddress",
  "localAddressRanges",
  "remoteAddressRanges",
  "addressPrefixes",
  "nextHopIpAddress",
]);
