import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionOf, connectionStateOf } from "../../../shared/arm/connection-state.ts";

const resource = (own: string | undefined, ...links: string[]) => ({
  properties: {
    ...(own ? { provisioningState: own } : {}),
    vpnLinkConnections: links.map((provisioningState) => ({ properties: { provisioningState } })),
  },
});
const states: readonly (readonly [body: unknown, state: string])[] = [
  [resource("Succeeded"), "Succeeded"],
  [resource("Succeeded", "Succeeded", "Succeeded"), "Succeeded"],
  [resource("Succeeded", "Updating"), "InProgress"],
  [resource("Succeeded", "Failed"), "Failed"],
  [resource("Failed", "Updating"), "InProgress"],
  [resource("Deleting"), "InProgress"],
  [resource("Succeeded", "Canceled"), "Canceled"],
  [{ properties: { provisioningState: "Succeeded", vpnLinkConnections: [{ properties: {} }] } }, "Succeeded"],
  [undefined, "InProgress"],
];
for (const [body, expected] of states) {
  test(`${JSON.stringify(body)} is ${expected}`, () => assert.equal(connectionStateOf(body), expected));
}

test("only a body with a provisioning state is a connection", () => {
  const responseOf = (body: unknown) => ({ status: 200, headers: {}, text: JSON.stringify(body) });
  assert.deepEqual(connectionOf(responseOf(resource("Succeeded"))), resource("Succeeded"));
  for (const body of [{}, [], "text", null, { error: { code: "X" } }]) assert.equal(connectionOf(responseOf(body)), undefined);
});
