import * as z from "zod";
import { MAX_KEY_LENGTH } from "../secrets/pre-shared-key.ts";
import { isSealed, type Sealed } from "../secrets/sealing.ts";
import { most } from "./connection-bounds.ts";

const id = () => z.string().max(most.idLength);
const name = () => z.string().max(most.nameLength);

/**
 * The body of Create Or Update, as the reference of api-version 2024-03-01 has it: structure only,
 * without ranges and relations between fields. Source:
 * https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-connections/create-or-update?view=rest-virtualwan-2024-03-01
 */
const int32 = (description: string) => z.int32().optional().describe(description);
const flag = (description: string) => z.boolean().optional().describe(description);
const subResource = z.strictObject({ id: id().min(1).describe("Resource Manager id.") });

const ipsecPolicy = z.strictObject({
  saLifeTimeSeconds: z.int32().describe("Lifetime of a security association in seconds, at least 300."),
  saDataSizeKilobytes: int32("Data that one security association may carry, in KB. 0 for no limit, and if it is left out."),
  ipsecEncryption: z
    .enum(["None", "DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES192", "GCMAES256"])
    .describe("Encryption of the tunnel."),
  ipsecIntegrity: z.enum(["MD5", "SHA1", "SHA256", "GCMAES128", "GCMAES192", "GCMAES256"]).describe("Integrity of the tunnel."),
  ikeEncryption: z
    .enum(["DES", "DES3", "AES128", "AES192", "AES256", "GCMAES256", "GCMAES128"])
    .describe("Encryption of the key exchange."),
  ikeIntegrity: z.enum(["MD5", "SHA1", "SHA256", "SHA384", "GCMAES256", "GCMAES128"]).describe("Integrity of the key exchange."),
  dhGroup: z
    .enum(["None", "DHGroup1", "DHGroup2", "DHGroup14", "DHGroup2048", "ECP256", "ECP384", "DHGroup24"])
    .describe("Diffie-Hellman group of the key exchange. DHGroup14 and DHGroup2048 are the same."),
  pfsGroup: z
    .enum(["None", "PFS1", "PFS2", "PFS2048", "ECP256", "ECP384", "PFS24", "PFS14", "PFSMM"])
    .describe("Group for perfect forward secrecy of the tunnel."),
});

const trafficSelectorPolicy = z.strictObject({
  localAddressRanges: z.array(name()).max(most.ranges).describe("Address ranges on the Azure side, in CIDR notation."),
  remoteAddressRanges: z.array(name()).max(most.ranges).describe("Address ranges on the branch side, in CIDR notation."),
});

const customBgpAddress = z.strictObject({
  ipConfigurationId: name().describe("The gateway's instance: Instance0 or Instance1."),
  customBgpIpAddress: name().describe("The instance's BGP address for this link, in 169.254.21.0/24 or 169.254.22.0/24."),
});

const vnetRoutes = z.strictObject({
  staticRoutes: z
    .array(
      z.strictObject({
        name: name().optional().describe("Name of the route."),
        addressPrefixes: z.array(name()).max(most.prefixes).optional().describe("Destinations of the route, in CIDR notation."),
        nextHopIpAddress: name().optional().describe("The next hop."),
      }),
    )
    .max(most.staticRoutes)
    .optional()
    .describe("Static routes."),
  staticRoutesConfig: z
    .strictObject({
      vnetLocalRouteOverrideCriteria: z
        .enum(["Contains", "Equal"])
        .optional()
        .describe("Whether traffic to the spoke itself bypasses an appliance in the spoke."),
    })
    .optional()
    .describe("How static routes behave."),
});

const routingConfiguration = z.strictObject({
  associatedRouteTable: subResource.optional().describe("Route table of the hub that the connection uses. Branches use defaultRouteTable."),
  propagatedRouteTables: z
    .strictObject({
      labels: z.array(name()).max(most.labels).optional().describe("Labels of route tables, in any hub."),
      ids: z.array(subResource).max(most.routeTables).optional().describe("Route tables of the hub."),
    })
    .optional()
    .describe("Where the connection's routes are advertised."),
  vnetRoutes: vnetRoutes.optional().describe("Routes into a virtual network. No effect on a branch."),
  inboundRouteMap: subResource.optional().describe("Route map for routes from the branch."),
  outboundRouteMap: subResource.optional().describe("Route map for routes to the branch."),
});

/** Returns the connection's schema with a given form of its keys. */
function connectionWith<Secret extends z.ZodType>(secret: Secret) {
  /** What a connection and each of its link connections have in common. */
  const tunnel = {
    connectionBandwidth: int32("Expected bandwidth in Mbps."),
    dpdTimeoutSeconds: int32("Seconds without traffic after which the other side counts as dead, 9 to 3600. 0 for Azure's default."),
    enableBgp: flag("Whether routes are exchanged by BGP."),
    enableRateLimiting: flag("Whether the bandwidth is limited."),
    ipsecPolicies: z
      .array(ipsecPolicy)
      .max(most.ipsecPolicies)
      .optional()
      .describe("One custom IPsec policy, instead of Azure's default ones."),
    routingWeight: int32("Weight of this path if several lead to one destination."),
    sharedKey: secret.optional().describe("Pre-shared key. If it is left out, Azure makes one."),
    useLocalAzureIpAddress: flag("Whether the tunnel uses the gateway's private address."),
    usePolicyBasedTrafficSelectors: flag("Whether traffic selectors are policy-based."),
    vpnConnectionProtocolType: z.enum(["IKEv2", "IKEv1"]).optional().describe("Key exchange protocol."),
  };
  const linkConnection = z.strictObject({
    id: id().optional().describe("Resource Manager id, as Azure returns it."),
    name: name().min(1).describe("Name of the link connection."),
    properties: z
      .strictObject({
        ...tunnel,
        vpnSiteLink: subResource.optional().describe("The link of the site."),
        vpnLinkConnectionMode: z.enum(["Default", "InitiatorOnly", "ResponderOnly"]).optional().describe("Who starts the tunnel."),
        vpnGatewayCustomBgpAddresses: z
          .array(customBgpAddress)
          .max(most.bgpAddresses)
          .optional()
          .describe("BGP addresses of the gateway's instances for this link."),
        egressNatRules: z.array(subResource).max(most.natRules).optional().describe("NAT rules for traffic to the branch."),
        ingressNatRules: z.array(subResource).max(most.natRules).optional().describe("NAT rules for traffic from the branch."),
      })
      .optional()
      .describe("Properties of the link connection."),
  });
  return z.strictObject({
    id: id().optional().describe("Resource Manager id. Must be that of the target."),
    name: name().optional().describe("Name. Must be that of the target."),
    properties: z
      .strictObject({
        ...tunnel,
        enableInternetSecurity: flag("Whether the hub's default route is advertised to the branch."),
        remoteVpnSite: subResource.describe("The VPN site to connect."),
        routingConfiguration: routingConfiguration.optional().describe("Route tables and route maps."),
        trafficSelectorPolicies: z.array(trafficSelectorPolicy).max(most.selectors).optional().describe("Policy-based traffic selectors."),
        vpnLinkConnections: z
          .array(linkConnection)
          .max(most.links)
          .optional()
          .describe("One connection for each link of the site, at most four."),
      })
      .describe("Properties of the connection."),
  });
}

/** A pre-shared key as a requester writes it. */
const secret = z.union([
  z.string().max(MAX_KEY_LENGTH).describe("The key: 1 to 128 printable ASCII characters. The app encrypts it on arrival."),
  z.strictObject({
    // Without a flag for letter case, because JSON Schema has none.
    keyVaultSecretUri: z
      .string()
      .max(most.idLength)
      .regex(/^[Hh][Tt][Tt][Pp][Ss]:\/\//, { error: "must start with https://" })
      .describe("URI of a Key Vault secret that holds the key: https://{vault's host}/secrets/{name}, with or without /{version}."),
  }),
]);

/** A pre-shared key in a running instance: it was sealed before anything was stored. */
const sealedSecret = z.union([
  z.custom<Sealed>(isSealed, { error: "must be a string" }),
  z.strictObject({ keyVaultSecretUri: id().min(1) }),
]);

/** The desired connection as a requester writes it. */
export const writtenConnectionSchema = connectionWith(secret);
/** The desired connection as a running instance holds it. */
export const connectionSchema = connectionWith(sealedSecret);

/** The desired connection: the REST body of Create Or Update, with its keys sealed. */
export type VpnConnection = z.infer<typeof connectionSchema>;
/** One of its link connections. */
export type VpnLinkConnection = NonNullable<VpnConnection["properties"]["vpnLinkConnections"]>[number];
