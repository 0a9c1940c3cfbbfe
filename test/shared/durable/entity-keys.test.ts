import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionEntityKey, gatewayEntityKey } from "../../../shared/durable/entity-keys.ts";

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const upper = { subscriptionId: "S", resourceGroupName: "RG", gatewayName: "G", connectionName: "C" };

test("entity keys ignore letter case, fit into a URL, and differ for a gateway and its connections", () => {
  assert.equal(gatewayEntityKey(upper), gatewayEntityKey(target));
  assert.equal(connectionEntityKey(upper), connectionEntityKey(target));
  for (const key of [gatewayEntityKey(target), connectionEntityKey(target)]) assert.match(key, /^[0-9a-f]{40}$/);
  assert.notEqual(gatewayEntityKey(target), connectionEntityKey(target));
  assert.notEqual(connectionEntityKey({ ...target, connectionName: "d" }), connectionEntityKey(target));
});
