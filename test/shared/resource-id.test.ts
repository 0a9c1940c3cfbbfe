import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionId, gatewayId } from "../../shared/resource-id.ts";

test("resource ids of a gateway and a connection", () => {
  const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
  assert.equal(gatewayId(target), "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/vpnGateways/g");
  assert.equal(connectionId(target), `${gatewayId(target)}/vpnConnections/c`);
});
