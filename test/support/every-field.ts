import request from "../../examples/every-section.json" with { type: "json" };
import { connectionId } from "../../shared/resource-id.ts";

const { properties } = request.data.connection;
const [first] = properties.vpnLinkConnections;
const keyVault = { keyVaultSecretUri: "https://vault.example/secrets/branch" };

/**
 * A request event with every field that the contract has: its structure is right, whatever the
 * rules say of the combination.
 */
export const everyField: { readonly data: object } = JSON.parse(
  JSON.stringify({
    ...request,
    subject: "branch-zurich",
    time: "2026-03-02T09:14:03Z",
    dataschema: "https://example.com/schema",
    traceparent: "00-b1f67c032f0919c3a350b6d7907f0572-77bbe03cfe7a5ecd-01",
    tracestate: "vendor=1",
    data: {
      ...request.data,
      connection: {
        id: connectionId(request.data.target),
        name: request.data.target.connectionName,
        properties: {
          ...first?.properties,
          sharedKey: keyVault,
          vpnSiteLink: undefined,
          vpnLinkConnectionMode: undefined,
          vpnGatewayCustomBgpAddresses: undefined,
          egressNatRules: undefined,
          ingressNatRules: undefined,
          ...properties,
          routingConfiguration: {
            ...properties.routingConfiguration,
            vnetRoutes: {
              staticRoutes: [{ name: "inside", addressPrefixes: ["10.0.0.0/8"], nextHopIpAddress: "10.0.0.4" }],
              staticRoutesConfig: { vnetLocalRouteOverrideCriteria: "Equal" },
            },
          },
          trafficSelectorPolicies: [{ localAddressRanges: ["10.0.0.0/8"], remoteAddressRanges: ["10.1.0.0/16"] }],
          vpnLinkConnections: [{ id: `${connectionId(request.data.target)}/vpnLinkConnections/${first?.name}`, ...first }],
        },
      },
    },
  }),
);
