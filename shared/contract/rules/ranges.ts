import { docs, type Rule, reference, terraform, tunnelsOf } from "./rule.ts";

const dpdRange = { least: 9, most: 3600 };
const dpdMessage = (found: number | undefined) =>
  `dpdTimeoutSeconds must be between ${dpdRange.least} and ${dpdRange.most}. Found ${found}. Use 0 for Azure's default.`;

/** Bounds of numbers. The reference of the resource has none, so they come from elsewhere. */
export const rangeRules: readonly Rule[] = [
  {
    code: "RoutingWeightOutOfRange",
    severity: "error",
    says: "`routingWeight` is 0 or more.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { routingWeight } }) => routingWeight !== undefined && routingWeight < 0)
        .map(({ at, tunnel }) => ({
          at: [...at, "routingWeight"],
          message: `routingWeight must be 0 or more. Found ${tunnel.routingWeight}.`,
        })),
  },
  {
    code: "BandwidthOutOfRange",
    severity: "error",
    says: "`connectionBandwidth` is 1 Mbps or more.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { connectionBandwidth } }) => connectionBandwidth !== undefined && connectionBandwidth < 1)
        .map(({ at, tunnel }) => ({
          at: [...at, "connectionBandwidth"],
          message: `connectionBandwidth must be at least 1 (Mbps). Found ${tunnel.connectionBandwidth}.`,
        })),
  },
  {
    code: "DpdTimeoutOutOfRange",
    severity: "error",
    says: "`dpdTimeoutSeconds` is between 9 and 3600, or 0 for Azure's default.",
    source: `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike`,
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { dpdTimeoutSeconds: found = 0 } }) => found !== 0 && (found < dpdRange.least || found > dpdRange.most))
        .map(({ at, tunnel }) => ({
          at: [...at, "dpdTimeoutSeconds"],
          message: dpdMessage(tunnel.dpdTimeoutSeconds),
        })),
  },
  {
    code: "DeprecatedProtocol",
    severity: "warning",
    says: "IKEv1 is deprecated.",
    source: "https://www.rfc-editor.org/rfc/rfc9395",
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel }) => tunnel.vpnConnectionProtocolType === "IKEv1")
        .map(({ at }) => ({
          at: [...at, "vpnConnectionProtocolType"],
          message: "vpnConnectionProtocolType is IKEv1, which is deprecated. Use IKEv2.",
        })),
  },
  {
    code: "VnetRoutesOnBranch",
    severity: "warning",
    says: "`vnetRoutes` is for connections of virtual networks. It has no effect on a branch.",
    source: reference,
    check: ({ connection }) => {
      const routes = connection?.properties?.routingConfiguration?.vnetRoutes;
      const meant = (routes?.staticRoutes?.length ?? 0) > 0 || routes?.staticRoutesConfig !== undefined;
      const at = ["connection", "properties", "routingConfiguration", "vnetRoutes"];
      return meant ? [{ at, message: "routingConfiguration.vnetRoutes has no effect on a connection to a branch. Leave it out." }] : [];
    },
  },
];
