import assert from "node:assert/strict";
import { test } from "node:test";
import { checksOf, type Reading } from "../../../shared/arm/preflight.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const gateway = `${base}/vpnGateways/g`;
const [hub, site] = [`${base}/virtualHubs/h`, `${base}/vpnSites/s`];
const [table, rule, siteLink] = [`${hub}/hubRouteTables/t`, `${gateway}/natRules/n`, `${site}/vpnSiteLinks/l`];
const link = { vpnSiteLink: { id: siteLink }, enableBgp: true, egressNatRules: [{ id: rule }] };
const desired = {
  properties: {
    remoteVpnSite: { id: site },
    routingConfiguration: { associatedRouteTable: { id: table } },
    vpnLinkConnections: [{ name: "link1", properties: link }],
  },
} as unknown as VpnConnection;

const bgpProperties = { asn: 65_001, bgpPeeringAddress: "10.0.0.1" };
const complete: Readonly<Record<string, Reading>> = {
  [gateway]: { properties: { virtualHub: { id: hub } } },
  [site]: { properties: { vpnSiteLinks: [{ id: siteLink.toUpperCase(), properties: { bgpProperties } }] } },
  [table]: {},
  [rule]: { properties: { mode: "EgressSnat" } },
};
function codesOf(changed: Readonly<Record<string, Reading>>, connection = desired): string[] {
  const readings = Object.entries({ ...complete, ...changed }).map(([id, reading]) => [id.toLowerCase(), reading] as const);
  return checksOf({ target, desired: connection })
    .findingsOf(new Map(readings))
    .map(({ finding }) => finding.code);
}

test("each resource that a request names is read once", () => {
  assert.deepEqual(checksOf({ target, desired }).ids.sort(), Object.keys(complete).sort());
});

const rows: readonly (readonly [name: string, changed: Readonly<Record<string, Reading>>, codes: readonly string[]])[] = [
  ["everything exists", {}, []],
  ["the gateway is missing", { [gateway]: "missing" }, ["GatewayMissing"]],
  ["the site is missing", { [site]: "missing" }, ["SiteMissing"]],
  ["the site has no such link", { [site]: { properties: { vpnSiteLinks: [{ id: `${siteLink}2` }] } } }, ["SiteLinkMissing"]],
  ["the site's link has no BGP settings", { [site]: { properties: { vpnSiteLinks: [{ id: siteLink }] } } }, ["BgpSettingsMissing"]],
  ["the route table is missing", { [table]: "missing" }, ["RouteTableMissing"]],
  ["the gateway is in another hub", { [gateway]: { properties: { virtualHub: { id: `${hub}2` } } } }, ["NotInGatewaysHub"]],
  ["the NAT rule is missing", { [rule]: "missing" }, ["NatRuleMissing"]],
  ["the NAT rule has the other mode", { [rule]: { properties: { mode: "IngressSnat" } } }, ["NatRuleMode"]],
  ["a read failed", { [rule]: "unread" }, ["NotChecked"]],
];
for (const [name, changed, codes] of rows) test(`findings if ${name}`, () => assert.deepEqual(codesOf(changed), codes));

test("a site with links needs link connections", () => {
  const { properties } = desired;
  assert.deepEqual(codesOf({}, { properties: { ...properties, vpnLinkConnections: [] } }), ["LinkConnectionRequired"]);
});

test("more references than Resource Manager allows reads are not checked", () => {
  const ids = Array.from({ length: 300 }, (_, index) => ({ id: `${hub}/hubRouteTables/t${index}` }));
  const many = { properties: { remoteVpnSite: { id: site }, routingConfiguration: { propagatedRouteTables: { ids } } } };
  const checks = checksOf({ target, desired: many as VpnConnection });
  assert.equal(checks.ids.length, 250);
  const readings = new Map(checks.ids.map((id): [string, Reading] => [id.toLowerCase(), {}]));
  assert.equal(checks.findingsOf(readings).filter(({ finding }) => finding.code === "NotChecked").length, 52);
});
