import { docs, type Rule, reference, terraform, tunnelsOf } from "./rule.ts";

const longestDpd = { least: 9, most: 3600 };

/** Numbers: the reference names no bounds, so these come from elsewhere. */
export const rangeRules: readonly Rule[] = [
  {
    code: "RoutingWeightOutOfRange",
    severity: "error",
    says: "`routingWeight` is 0 or more.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { routingWeight } }) => routingWeight !== undefined && routingWeight < 0)
        .map(({ at, tunnel }) => ({ at: [...at, "routingWeight"], message: `Expected 0 or more; found ${tunnel.routingWeight}.` })),
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
          message: `Expected 1 or more; found ${tunnel.connectionBandwidth}.`,
        })),
  },
  {
    code: "DpdTimeoutOutOfRange",
    severity: "error",
    says: "`dpdTimeoutSeconds` is 9 to 3600, or 0 for Azure's default.",
    source: `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike`,
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { dpdTimeoutSeconds: found = 0 } }) => found !== 0 && (found < longestDpd.least || found > longestDpd.most))
        .map(({ at, tunnel }) => ({
          at: [...at, "dpdTimeoutSeconds"],
          message: `Expected ${longestDpd.least} to ${longestDpd.most} seconds, or 0 for Azure's default; found ${tunnel.dpdTimeoutSeconds}.`,
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
        .map(({ at }) => ({ at: [...at, "vpnConnectionProtocolType"], message: "Expected IKEv2; found IKEv1, which is deprecated." })),
  },
  {
    code: "VnetRoutesOnBranch",
    severity: "warning",
    says: "`vnetRoutes` are for connections of virtual networks; on a branch they have no meaning.",
    source: reference,
    check: ({ connection }) => {
      const routes = connection?.properties?.routingConfiguration?.vnetRoutes;
      const meant = (routes?.staticRoutes?.length ?? 0) > 0 || routes?.staticRoutesConfig !== undefined;
      const at = ["connection", "properties", "routingConfiguration", "vnetRoutes"];
      return meant ? [{ at, message: "Expected no routes into a virtual network; found some." }] : [];
    },
  },
];
