import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { comparableText } from "../../../shared/arm/comparable-value.ts";
import { connectionSchema } from "../../../shared/contract/connection.ts";
import { schemaAt } from "../../../shared/contract/known-fields.ts";

const link = ["properties", "vpnLinkConnections", 0, "properties"];
const routing = ["properties", "routingConfiguration"];
const textOf = (path: readonly (string | number)[], value: unknown) =>
  comparableText(value, schemaAt(connectionSchema, path) ?? z.never(), String(path.at(-1)));

const equal: readonly (readonly [path: readonly (string | number)[], one: unknown, other: unknown])[] = [
  [[...link, "dpdTimeoutSeconds"], 0, 45],
  [[...link, "vpnConnectionProtocolType"], "IKEv2", "ikeV2"],
  [[...link, "vpnLinkConnectionMode"], "ResponderOnly", "responderonly"],
  [[...link, "ipsecPolicies"], [{ dhGroup: "DHGroup14", pfsGroup: "PFS14" }], [{ pfsGroup: "pfs2048", dhGroup: "dhgroup2048" }]],
  [[...link, "ipsecPolicies"], [{ dhGroup: "ECP256", saDataSizeKilobytes: 0 }], [{ dhGroup: "ecp256", saDataSizeKilobytes: null, x: 1 }]],
  [
    [...link, "egressNatRules"],
    [{ id: "/a/One" }, { id: "/a/two" }],
    [{ id: "/A/TWO", etag: "1" }, { id: "/a/one" }],
  ],
  [
    [...link, "vpnGatewayCustomBgpAddresses"],
    [
      { ipConfigurationId: "Instance0", customBgpIpAddress: "169.254.21.5" },
      { ipConfigurationId: "Instance1", customBgpIpAddress: "169.254.21.6" },
    ],
    [
      { ipConfigurationId: "instance1", customBgpIpAddress: "169.254.21.6" },
      { ipConfigurationId: "instance0", customBgpIpAddress: "169.254.21.5" },
    ],
  ],
  [
    ["properties", "trafficSelectorPolicies"],
    [{ localAddressRanges: ["10.0.0.0/8", "FD00::/8"], remoteAddressRanges: ["10.1.0.0/16"] }],
    [{ remoteAddressRanges: ["10.1.0.0/16"], localAddressRanges: ["fd00::/8", "10.0.0.0/8"] }],
  ],
  [[...routing, "propagatedRouteTables"], { labels: ["A", "b"], ids: [] }, { labels: ["B", "a", "A"] }],
  [
    [...routing, "vnetRoutes", "staticRoutes"],
    [{ name: "a", addressPrefixes: [] }, { name: "b" }],
    [{ name: "b" }, { name: "a" }],
  ],
];
for (const [path, one, other] of equal) {
  test(`one value in two spellings: ${path.join("/")} ${JSON.stringify(other)}`, () => {
    assert.notEqual(textOf(path, one), undefined);
    assert.equal(textOf(path, one), textOf(path, other));
  });
}

test("a value that says nothing has no text; an item of a list that says nothing has one", () => {
  for (const nothing of [undefined, null, []]) assert.equal(textOf([...link, "ipsecPolicies"], nothing), undefined);
  for (const nothing of [{}, { labels: [], ids: null }, { other: 1 }])
    assert.equal(textOf([...routing, "propagatedRouteTables"], nothing), undefined);
  assert.notEqual(textOf(["properties", "trafficSelectorPolicies"], [{ localAddressRanges: [] }]), undefined);
});

test("the case of a text that may mean something is kept, and a value of another type is another value", () => {
  const routes = [...routing, "vnetRoutes", "staticRoutes"];
  assert.notEqual(textOf(routes, [{ name: "a" }]), textOf(routes, [{ name: "A" }]));
  for (const other of ["10", [10], { ten: 10 }, true])
    assert.notEqual(textOf([...link, "connectionBandwidth"], 10), textOf([...link, "connectionBandwidth"], other));
  assert.notEqual(textOf([...link, "egressNatRules"], { id: "x" }), textOf([...link, "egressNatRules"], [{ id: "x" }]));
});
