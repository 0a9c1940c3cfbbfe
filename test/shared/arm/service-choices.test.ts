import assert from "node:assert/strict";
import { test } from "node:test";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { differences, isSameConnection } from "../../../shared/arm/comparison.ts";
import { everyField } from "../../support/every-field.ts";

// What Azure chooses, or writes in another way, is no difference. Otherwise each repetition of a
// request would be a PUT.

type Json = Record<string, unknown>;
const base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const hub = `${base}/virtualHubs/hub1`;
const site = { id: `${base}/vpnSites/site1` };
const table = (name: string) => ({ id: `${hub}/hubRouteTables/${name}` });
const withLink = (link: Json = {}, more: Json = {}) => ({
  properties: {
    remoteVpnSite: site,
    vpnLinkConnections: [{ name: "link1", properties: { vpnSiteLink: { id: `${site.id}/vpnSiteLinks/one` }, ...link } }],
    ...more,
  },
});
const stored = (desired: object) => createStoredConnection(`${base}/vpnGateways/gw/vpnConnections/c`, hub, structuredClone(desired));
/**
 * What Azure shows of a connection, with some properties of its first link or of itself changed.
 */
function shown(desired: object, ofLink: Json, ofConnection: Json = {}): Json {
  const read = structuredClone(stored(desired)) as unknown as { properties: { vpnLinkConnections?: { properties: Json }[] } & Json };
  Object.assign(read.properties, ofConnection);
  Object.assign(read.properties.vpnLinkConnections?.[0]?.properties ?? {}, ofLink);
  return read as unknown as Json;
}

test("a DPD timeout of 0 or 45 seconds, or none, is one value, on a link and on a connection without links", () => {
  const values = [{}, { dpdTimeoutSeconds: 0 }, { dpdTimeoutSeconds: 45 }, { dpdTimeoutSeconds: null }];
  for (const wanted of values)
    for (const found of values) {
      const about = JSON.stringify([wanted, found]);
      assert.deepEqual(differences(withLink(wanted), shown(withLink(), { dpdTimeoutSeconds: undefined, ...found })), [], about);
      const bare = { properties: { remoteVpnSite: site } };
      assert.deepEqual(differences({ properties: { remoteVpnSite: site, ...wanted } }, shown(bare, {}, found)), [], about);
    }
  assert.ok(!isSameConnection(withLink({ dpdTimeoutSeconds: 30 }), shown(withLink(), { dpdTimeoutSeconds: 45 })));
  assert.ok(!isSameConnection(withLink(), shown(withLink(), { dpdTimeoutSeconds: 30 })));
});

const toNone = { labels: ["none"], ids: [table("noneRouteTable")] };
const movedTo = (propagatedRouteTables: object, more: Json = {}) => ({
  routingConfiguration: { associatedRouteTable: table("defaultRouteTable"), propagatedRouteTables, ...more },
});

test("where routing intent has moved a connection is no difference to a request that says nothing of it", () => {
  for (const said of [
    {},
    { routingConfiguration: {} },
    { routingConfiguration: { propagatedRouteTables: {} } },
    { routingConfiguration: { propagatedRouteTables: { labels: [], ids: [] } } },
    { routingConfiguration: { associatedRouteTable: table("DEFAULTROUTETABLE") } },
  ]) {
    const wanted = withLink({}, said);
    assert.deepEqual(differences(wanted, shown(withLink(), {}, movedTo(toNone))), [], JSON.stringify(said));
    assert.deepEqual(differences(wanted, shown(withLink(), {}, movedTo(toNone, { vnetRoutes: { staticRoutes: [] } }))), []);
  }
});

test("of a request that says something of routing, that is compared, and the rest is left to the hub", () => {
  const map = { id: `${hub}/routeMaps/one` };
  const wanted = withLink({}, { routingConfiguration: { inboundRouteMap: map } });
  const found = differences(wanted, shown(withLink(), {}, movedTo(toNone)));
  assert.deepEqual(found, [{ target: "/properties/routingConfiguration/inboundRouteMap", change: "add", before: null, after: map }]);

  const explicit = withLink({}, movedTo({ labels: ["default"], ids: [table("defaultRouteTable")] }));
  const [difference, ...more] = differences(explicit, shown(withLink(), {}, movedTo(toNone)));
  assert.deepEqual([difference?.change, difference?.before, more], ["set", toNone, []]);
});

test("routing that somebody has set and that a request leaves out is set back, to tables with an id", () => {
  const set = {
    routingConfiguration: { associatedRouteTable: table("custom"), propagatedRouteTables: { labels: ["a"], ids: [table("custom")] } },
  };
  const found = differences(withLink(), shown(withLink(), {}, set));
  assert.deepEqual(
    found.map(({ change, after }) => [change, after]),
    [
      ["reset", table("defaultRouteTable")],
      ["reset", { labels: ["default"], ids: [table("defaultRouteTable")] }],
    ],
  );
});

test("the default table of another hub is another table", () => {
  const elsewhere = { id: `${base}/virtualHubs/hub2/hubRouteTables/defaultRouteTable` };
  assert.ok(!isSameConnection(withLink({}, { routingConfiguration: { associatedRouteTable: elsewhere } }), shown(withLink(), {})));
});

test("properties of a tunnel on a connection with links have no effect, and Azure does not show them", () => {
  const onConnection = { enableBgp: true, routingWeight: 5, dpdTimeoutSeconds: 30, vpnConnectionProtocolType: "IKEv1", ipsecPolicies: [] };
  assert.deepEqual(differences(withLink({}, onConnection), stored(withLink())), []);
  assert.ok(!isSameConnection(withLink({}, onConnection), shown(withLink(), {}, { ...onConnection, routingWeight: 6 })));
});

/** Turns the case of every constant and id, and the order of every list. */
function otherSpelling(node: unknown, name = ""): unknown {
  if (Array.isArray(node)) return node.map((item) => otherSpelling(item, name)).reverse();
  if (typeof node === "object" && node !== null)
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, otherSpelling(value, key)]));
  if (typeof node !== "string" || name === "name") return node;
  return node === node.toUpperCase() ? node.toLowerCase() : node.toUpperCase();
}
/** Adds a property that only the service knows to every object, and null for what is not set. */
function withMore(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withMore);
  if (typeof node !== "object" || node === null) return node;
  const fields = Object.entries(node).map(([name, value]) => [name, withMore(value)]);
  return { ...Object.fromEntries(fields), resourceGroup: "g", newInAzure: { since: [1, { id: "x" }] }, tags: null };
}

const { connection: wide } = everyField.data as { connection: { properties: Json } };
const [first] = wide.properties["vpnLinkConnections"] as { name: string; properties: Json }[];
const twoOf = (id: string) => [{ id: `${base}/vpnGateways/gw/natRules/${id}1` }, { id: `${base}/vpnGateways/gw/natRules/${id}2` }];
/** Every field, and two items in each list that has no order. */
const widest = {
  properties: {
    ...wide.properties,
    trafficSelectorPolicies: [
      { localAddressRanges: ["10.0.0.0/8", "192.168.0.0/16"], remoteAddressRanges: ["10.1.0.0/16", "10.2.0.0/16"] },
      { localAddressRanges: ["172.16.0.0/12"], remoteAddressRanges: ["fd00::/8"] },
    ],
    vpnLinkConnections: [
      {
        name: first?.name,
        properties: {
          ...first?.properties,
          egressNatRules: twoOf("e"),
          ingressNatRules: twoOf("i"),
          vpnGatewayCustomBgpAddresses: [
            { ipConfigurationId: "Instance0", customBgpIpAddress: "169.254.21.10" },
            { ipConfigurationId: "Instance1", customBgpIpAddress: "169.254.22.10" },
          ],
        },
      },
      { name: "second", properties: { routingWeight: 3 } },
    ],
  },
};

test("lists in another order and constants, ids and labels in another case are equal", () => {
  assert.ok(isSameConnection(widest, stored(widest)));
  assert.deepEqual(differences(widest, otherSpelling(stored(widest))), []);
  assert.deepEqual(differences(otherSpelling(widest), stored(widest)), []);
});

test("properties that only the service knows are no difference, wherever a read has them; nor is null", () => {
  assert.deepEqual(differences(widest, withMore(stored(widest))), []);
  assert.deepEqual(differences(withLink(), withMore(stored(withLink()))), []);
});

test("null in a read is a property that is not set", () => {
  const nothing = { egressNatRules: null, ingressNatRules: null, vpnGatewayCustomBgpAddresses: null, ipsecPolicies: null, enableBgp: null };
  const routing = { associatedRouteTable: null, propagatedRouteTables: null, vnetRoutes: null, inboundRouteMap: null };
  assert.deepEqual(
    differences(withLink(), shown(withLink(), nothing, { routingConfiguration: routing, trafficSelectorPolicies: null })),
    [],
  );
  assert.deepEqual(differences(withLink(), shown(withLink(), nothing, { routingConfiguration: null })), []);
});
