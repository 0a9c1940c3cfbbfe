import assert from "node:assert/strict";
import { test } from "node:test";
import { storedConnection } from "../../local/azure/resource-manager/defaults.ts";
import { sameConnection } from "../../shared/comparison.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { sampleEvent } from "../support/sample.ts";

const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
const sample = () => sampleEvent().data.connection as unknown as VpnConnection & { properties: Record<string, unknown> };
/** What the service answers for a request: its defaults filled in, keys left out, read-only fields added. */
const actual = (desired: unknown) =>
  storedConnection(`${base}/vpnGateways/gateway1/vpnConnections/c`, base, structuredClone(desired) as never);

test("the sample is the same as the service's answer to it", () => assert.ok(sameConnection(sample(), actual(sample()))));

test("a minimal request, with and without links, is the same as the service's answer", () => {
  const site = { id: `${base}/vpnSites/s` };
  for (const properties of [
    { remoteVpnSite: site },
    { remoteVpnSite: site, routingConfiguration: { propagatedRouteTables: {} } },
    { remoteVpnSite: site, vpnLinkConnections: [{ name: "l", properties: { vpnSiteLink: { id: `${site.id}/vpnSiteLinks/l` } } }] },
  ]) {
    const desired = { properties } as VpnConnection;
    assert.ok(sameConnection(desired, actual(desired)), JSON.stringify(properties));
  }
});

test("ids are compared without case, links without order", () => {
  const desired = sample();
  desired.properties.vpnLinkConnections?.push({ name: "second", properties: { routingWeight: 3 } });
  const found = actual(desired) as unknown as { properties: { vpnLinkConnections: unknown[]; remoteVpnSite: { id: string } } };
  found.properties.vpnLinkConnections.reverse();
  found.properties.remoteVpnSite.id = found.properties.remoteVpnSite.id.toUpperCase();
  assert.ok(sameConnection(desired, found));
});

const changes: readonly (readonly [
  name: string,
  change: (properties: Record<string, unknown> & { vpnLinkConnections: { name: string; properties: Record<string, unknown> }[] }) => void,
])[] = [
  ["internet security", (properties) => (properties["enableInternetSecurity"] = true)],
  ["another site", (properties) => (properties["remoteVpnSite"] = { id: `${base}/vpnSites/other` })],
  ["selectors", (properties) => (properties["trafficSelectorPolicies"] = [{ localAddressRanges: [], remoteAddressRanges: [] }])],
  ["another link", (properties) => properties.vpnLinkConnections.push({ name: "x", properties: {} })],
  ["no link", (properties) => properties.vpnLinkConnections.pop()],
  ["bandwidth of a link", (properties) => Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { connectionBandwidth: 10 })],
  ["BGP of a link", (properties) => Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { enableBgp: true })],
  [
    "an IPsec policy of a link",
    (properties) => Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { ipsecPolicies: [{ dhGroup: "ECP384" }] }),
  ],
  ["the default table", (properties) => Reflect.deleteProperty(properties["routingConfiguration"] as object, "associatedRouteTable")],
  [
    "labels",
    (properties) =>
      Object.assign((properties["routingConfiguration"] as { propagatedRouteTables: object }).propagatedRouteTables, { labels: ["x"] }),
  ],
  ["a route map taken away", (properties) => Reflect.deleteProperty(properties["routingConfiguration"] as object, "inboundRouteMap")],
];
for (const [name, change] of changes) {
  test(`different: ${name}`, () => {
    const desired = sample();
    change(desired.properties as never);
    assert.ok(!sameConnection(desired, actual(sample())));
    assert.ok(!sameConnection(sample(), actual(desired)));
  });
}
