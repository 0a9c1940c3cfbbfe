import assert from "node:assert/strict";
import { test } from "node:test";
import { describeGroup, describeResource, lastName } from "../../../shared/arm/resource-words.ts";

const group = "/subscriptions/s/resourceGroups/rg1";
const rows: readonly (readonly [id: string, words: string])[] = [
  [`${group}/providers/Microsoft.Network/vpnGateways/gateway1`, "VPN gateway gateway1"],
  [`${group}/providers/microsoft.network/VPNGATEWAYS/gateway1/natRules/rule1`, "NAT rule rule1 of VPN gateway gateway1"],
  [`${group}/providers/Microsoft.Network/virtualHubs/hub1/hubRouteTables/t1`, "Route table t1 of virtual hub hub1"],
];
for (const [id, words] of rows) {
  test(`${words} in resource group rg1`, () => {
    assert.equal(describeResource(id), words);
    assert.equal(describeGroup(id), " in resource group rg1");
    assert.equal(lastName(id), id.split("/").at(-1));
  });
}

test("an id without a resource group is not given one", () => assert.equal(describeGroup("/providers/x"), ""));
