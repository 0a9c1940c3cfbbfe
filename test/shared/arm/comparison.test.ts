import assert from "node:assert/strict";
import { test } from "node:test";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { differences, isSameConnection } from "../../../shared/arm/comparison.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";
import { sampleEvent } from "../../support/sample.ts";

const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
const sample = () => sampleEvent().data.connection as unknown as VpnConnection & { properties: Record<string, unknown> };
/**
 * Returns the resource that Azure would return: with defaults and read-only fields, without keys.
 */
const actual = (desired: unknown) =>
  createStoredConnection(`${base}/vpnGateways/gateway1/vpnConnections/c`, `${base}/virtualHubs/hub1`, structuredClone(desired) as never);

test("the sample is the same as Azure's response to it", () => assert.ok(isSameConnection(sample(), actual(sample()))));

test("a minimal request, with and without links, is the same as Azure's response", () => {
  const site = { id: `${base}/vpnSites/s` };
  for (const properties of [
    { remoteVpnSite: site },
    { remoteVpnSite: site, routingConfiguration: { propagatedRouteTables: {} } },
    { remoteVpnSite: site, vpnLinkConnections: [{ name: "l", properties: { vpnSiteLink: { id: `${site.id}/vpnSiteLinks/l` } } }] },
  ]) {
    const desired = { properties } as VpnConnection;
    assert.ok(isSameConnection(desired, actual(desired)), JSON.stringify(properties));
  }
});

test("ids are compared without case, links without order", () => {
  const desired = sample();
  desired.properties.vpnLinkConnections?.push({ name: "second", properties: { routingWeight: 3 } });
  const found = actual(desired) as unknown as { properties: { vpnLinkConnections: unknown[]; remoteVpnSite: { id: string } } };
  found.properties.vpnLinkConnections.reverse();
  found.properties.remoteVpnSite.id = found.properties.remoteVpnSite.id.toUpperCase();
  assert.ok(isSameConnection(desired, found));
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
    assert.ok(!isSameConnection(desired, actual(sample())));
    assert.ok(!isSameConnection(sample(), actual(desired)));
  });
}

const p = "/properties";
const l = `${p}/vpnLinkConnections/connection-link1/properties`;
/** The link L2 as Azure shows it. */
const secondLink = (() => {
  const properties = { ...sample().properties, vpnLinkConnections: [{ name: "L2", properties: {} }] };
  const [link] = actual({ properties }).properties["vpnLinkConnections"] as unknown[];
  return link;
})();
const diffs: readonly (readonly [
  name: string,
  before: (properties: Record<string, unknown> & { vpnLinkConnections: { name: string; properties: Record<string, unknown> }[] }) => void,
  after: (properties: Record<string, unknown> & { vpnLinkConnections: { name: string; properties: Record<string, unknown> }[] }) => void,
  expected: readonly (readonly [target: string, change: string, before: unknown, after: unknown])[],
])[] = [
  ["nothing", () => {}, () => {}, []],
  [
    "a property set",
    () => {},
    (properties) => Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { connectionBandwidth: 300 }),
    [[`${l}/connectionBandwidth`, "set", 200, 300]],
  ],
  [
    "a property left out, which goes back to the service's default",
    () => {},
    (properties) => Reflect.deleteProperty(properties.vpnLinkConnections[0]?.properties ?? {}, "connectionBandwidth"),
    [[`${l}/connectionBandwidth`, "reset", 200, 10]],
  ],
  [
    "a link more",
    () => {},
    (properties) => properties.vpnLinkConnections.push({ name: "L2", properties: { vpnSiteLink: { id: "x" }, routingWeight: 7 } }),
    [
      [`${p}/vpnLinkConnections/l2`, "add", null, { name: "L2", properties: { vpnSiteLink: { id: "x" }, routingWeight: 7 } }],
      [`${p}/vpnLinkConnections/l2/properties/routingWeight`, "add", null, 7],
      [`${p}/vpnLinkConnections/l2/properties/vpnSiteLink`, "add", null, { id: "x" }],
    ],
  ],
  [
    "a link left out",
    (properties) => properties.vpnLinkConnections.push({ name: "L2", properties: {} }),
    () => {},
    [[`${p}/vpnLinkConnections/l2`, "remove", secondLink, null]],
  ],
  [
    "a route map taken away",
    () => {},
    (properties) => Reflect.deleteProperty(properties["routingConfiguration"] as object, "inboundRouteMap"),
    [[`${p}/routingConfiguration/inboundRouteMap`, "reset", { id: `${base}/virtualHubs/virtualHub1/routeMaps/routeMap1` }, null]],
  ],
  [
    "a group under its other name, an id in another case, lists in another order",
    (properties) =>
      Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { ipsecPolicies: [{ dhGroup: "DHGroup14", pfsGroup: "PFS2048" }] }),
    (properties) => {
      Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { ipsecPolicies: [{ pfsGroup: "PFS14", dhGroup: "DHGroup2048" }] });
      const { propagatedRouteTables } = properties["routingConfiguration"] as {
        propagatedRouteTables: { ids: { id: string }[]; labels: string[] };
      };
      propagatedRouteTables.ids.reverse();
      propagatedRouteTables.labels.reverse();
      for (const table of propagatedRouteTables.ids) table.id = table.id.toUpperCase();
    },
    [],
  ],
  [
    "false, empty and absent are one",
    (properties) => Object.assign(properties, { enableInternetSecurity: false, trafficSelectorPolicies: [] }),
    (properties) => {
      Reflect.deleteProperty(properties, "enableInternetSecurity");
      Reflect.deleteProperty(properties, "trafficSelectorPolicies");
    },
    [],
  ],
];
for (const [name, before, after, expected] of diffs) {
  test(`the difference of ${name}`, () => {
    const [was, wanted] = [sample(), sample()];
    before(was.properties as never);
    after(wanted.properties as never);
    assert.deepEqual(
      differences(wanted, actual(was)).map((difference) => [difference.target, difference.change, difference.before, difference.after]),
      expected,
    );
  });
}

test("a new connection is a list of additions, in order of their pointers", () => {
  const found = differences(sample(), undefined);
  assert.deepEqual(
    found.map(({ target, change }) => `${change} ${target}`),
    [
      "add /properties/remoteVpnSite",
      "add /properties/routingConfiguration/associatedRouteTable",
      "add /properties/routingConfiguration/inboundRouteMap",
      "add /properties/routingConfiguration/outboundRouteMap",
      "add /properties/routingConfiguration/propagatedRouteTables",
      "add /properties/trafficSelectorPolicies",
      "add /properties/vpnLinkConnections/connection-link1",
      ...["connectionBandwidth", "usePolicyBasedTrafficSelectors", "vpnConnectionProtocolType", "vpnLinkConnectionMode", "vpnSiteLink"].map(
        (name) => `add ${l}/${name}`,
      ),
    ],
  );
  assert.ok(!JSON.stringify(found).includes("sharedKey"));
});
