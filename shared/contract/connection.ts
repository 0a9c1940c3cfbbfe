import { z } from "zod";
import { isSealed, type Sealed } from "../sealing.ts";

/**
 * The body of Create Or Update, field by field as the reference of api-version 2024-03-01 gives it: structure only, no range and no relation between
 * fields. Source: https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-connections/create-or-update?view=rest-virtualwan-2024-03-01
 */
const int32 = z.int32();
const subResource = z.strictObject({ id: z.string().min(1) });

const ipsecPolicy = z.strictObject({
  saLifeTimeSeconds: int32,
  saDataSizeKilobytes: int32,
  ipsecEncryption: z.enum(["None", "DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES192", "GCMAES256"]),
  ipsecIntegrity: z.enum(["MD5", "SHA1", "SHA256", "GCMAES128", "GCMAES192", "GCMAES256"]),
  ikeEncryption: z.enum(["DES", "DES3", "AES128", "AES192", "AES256", "GCMAES256", "GCMAES128"]),
  ikeIntegrity: z.enum(["MD5", "SHA1", "SHA256", "SHA384", "GCMAES256", "GCMAES128"]),
  dhGroup: z.enum(["None", "DHGroup1", "DHGroup2", "DHGroup14", "DHGroup2048", "ECP256", "ECP384", "DHGroup24"]),
  pfsGroup: z.enum(["None", "PFS1", "PFS2", "PFS2048", "ECP256", "ECP384", "PFS24", "PFS14", "PFSMM"]),
});

const trafficSelectorPolicy = z.strictObject({ localAddressRanges: z.array(z.string()), remoteAddressRanges: z.array(z.string()) });

const customBgpAddress = z.strictObject({ ipConfigurationId: z.string(), customBgpIpAddress: z.string() });

const routingConfiguration = z.strictObject({
  associatedRouteTable: subResource.optional(),
  propagatedRouteTables: z.strictObject({ labels: z.array(z.string()).optional(), ids: z.array(subResource).optional() }).optional(),
  vnetRoutes: z
    .strictObject({
      staticRoutes: z
        .array(
          z.strictObject({
            name: z.string().optional(),
            addressPrefixes: z.array(z.string()).optional(),
            nextHopIpAddress: z.string().optional(),
          }),
        )
        .optional(),
      staticRoutesConfig: z.strictObject({ vnetLocalRouteOverrideCriteria: z.enum(["Contains", "Equal"]).optional() }).optional(),
    })
    .optional(),
  inboundRouteMap: subResource.optional(),
  outboundRouteMap: subResource.optional(),
});

/** A pre-shared key as it stands in a running instance: sealed by receive-request before anything is stored. */
const sealedKey = z.custom<Sealed>(isSealed, { error: "Expected a string" });

/** What a connection and each of its link connections have in common. */
const tunnel = {
  connectionBandwidth: int32.optional(),
  dpdTimeoutSeconds: int32.optional(),
  enableBgp: z.boolean().optional(),
  enableRateLimiting: z.boolean().optional(),
  ipsecPolicies: z.array(ipsecPolicy).optional(),
  routingWeight: int32.optional(),
  sharedKey: sealedKey.optional(),
  useLocalAzureIpAddress: z.boolean().optional(),
  usePolicyBasedTrafficSelectors: z.boolean().optional(),
  vpnConnectionProtocolType: z.enum(["IKEv2", "IKEv1"]).optional(),
};

const linkConnection = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  properties: z
    .strictObject({
      ...tunnel,
      vpnSiteLink: subResource.optional(),
      vpnLinkConnectionMode: z.enum(["Default", "InitiatorOnly", "ResponderOnly"]).optional(),
      vpnGatewayCustomBgpAddresses: z.array(customBgpAddress).optional(),
      egressNatRules: z.array(subResource).optional(),
      ingressNatRules: z.array(subResource).optional(),
    })
    .optional(),
});

export const connectionSchema = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  properties: z.strictObject({
    ...tunnel,
    enableInternetSecurity: z.boolean().optional(),
    remoteVpnSite: subResource,
    routingConfiguration: routingConfiguration.optional(),
    trafficSelectorPolicies: z.array(trafficSelectorPolicy).optional(),
    vpnLinkConnections: z.array(linkConnection).optional(),
  }),
});

/** The desired connection: the REST body of Create Or Update, with its keys sealed. */
export type VpnConnection = z.infer<typeof connectionSchema>;
/** One of its link connections. */
export type VpnLinkConnection = z.infer<typeof linkConnection>;
