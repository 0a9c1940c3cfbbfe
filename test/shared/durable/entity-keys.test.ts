import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayEntityKey } from "../../../shared/durable/entity-keys.ts";

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const upper = { subscriptionId: "S", resourceGroupName: "RG", gatewayName: "G", connectionName: "C" };

test("the entity key of a gateway ignores letter case, fits into a URL, and is that of all its connections", () => {
  assert.equal(gatewayEntityKey(upper), gatewayEntityKey(target));
  assert.match(gatewayEntityKey(target), /^[0-9a-f]{40}$/);
  assert.equal(gatewayEntityKey({ ...target, connectionName: "d" }), gatewayEntityKey(target));
  assert.notEqual(gatewayEntityKey({ ...target, gatewayName: "h" }), gatewayEntityKey(target));
});
