import assert from "node:assert/strict";
import { test } from "node:test";
import { findTargetProblem } from "../../../shared/access/targets.ts";

const target = { subscriptionId: "Sub1", resourceGroupName: "RG-Hub", gatewayName: "Gateway1", connectionName: "c" };
const gateway = "/subscriptions/Sub1/resourceGroups/RG-Hub/providers/Microsoft.Network/vpnGateways/Gateway1";
const may = (source: string, allowed: Record<string, string[]> | null, more: Partial<typeof target> = {}) =>
  findTargetProblem(source, { ...target, ...more }, allowed && new Map(Object.entries(allowed))) === undefined;

const rows: readonly (readonly [name: string, allowed: Record<string, string[]> | null, may: boolean])[] = [
  ["no setting", null, true],
  ["nobody", {}, false],
  ["nothing", { "/t": [] }, false],
  ["the subscription", { "/t": ["/subscriptions/sub1"] }, true],
  ["a subscription that begins like it", { "/t": ["/subscriptions/Sub"] }, false],
  ["a subscription that it begins like", { "/t": ["/subscriptions/Sub11"] }, false],
  ["the resource group, in another case", { "/t": ["/SUBSCRIPTIONS/SUB1/resourcegroups/rg-hub"] }, true],
  ["a resource group that begins like it", { "/t": ["/subscriptions/Sub1/resourceGroups/RG"] }, false],
  ["the same group elsewhere", { "/t": ["/subscriptions/Sub2/resourceGroups/RG-Hub"] }, false],
  ["the gateway", { "/t": [gateway] }, true],
  ["the gateway, in another case", { "/t": [gateway.toLowerCase(), "/subscriptions/x"] }, true],
  ["another gateway", { "/t": [gateway.replace("Gateway1", "Gateway11"), gateway.replace("Gateway1", "Gateway")] }, false],
  ["another source", { "/t2": ["/subscriptions/Sub1"] }, false],
  ["every source", { "": ["/subscriptions/Sub1"] }, true],
  ["the longest prefix decides, though it allows less", { "/t": ["/subscriptions/Sub1"], "/t/x": ["/subscriptions/other"] }, false],
  ["the longest prefix decides, though it allows more", { "/t": [], "/t/x": ["/subscriptions/Sub1"] }, true],
  ["a longer prefix of others decides nothing", { "/t": ["/subscriptions/Sub1"], "/t/xy": [] }, true],
];
for (const [name, allowed, expected] of rows) {
  test(`${expected ? "allowed" : "refused"}: ${name}`, () => assert.equal(may("/t/x", allowed), expected));
}

test("letters that are equal in only one case name another resource group", () => {
  const allowed = { "/t": ["/subscriptions/Sub1/resourceGroups/k"] };
  assert.equal(may("/t", allowed, { resourceGroupName: "K" }), true);
  assert.equal(may("/t", allowed, { resourceGroupName: "\u212A" }), false, "the Kelvin sign in lower case is k");
  assert.equal(may("/t", { "/t": ["/subscriptions/Sub1/resourceGroups/s"] }, { resourceGroupName: "\u017F" }), false, "in upper case S");
});

test("the problem names the source, the gateway and the actor", () => {
  const { code, retryable, actor, target: at, message } = findTargetProblem("/t", target, new Map()) ?? assert.fail();
  assert.deepEqual([code, retryable, actor, at], ["TargetNotAllowed", false, "requester", "/target"]);
  assert.ok(message.includes('"/t"') && message.includes(`gateway ${target.gatewayName} in resource group ${target.resourceGroupName}`));
});
