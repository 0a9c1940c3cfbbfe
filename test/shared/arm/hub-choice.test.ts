import assert from "node:assert/strict";
import { test } from "node:test";
import { hubDefaultOf, isHubChoice, isHubDefault } from "../../../shared/arm/hub-choice.ts";

const hub = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualHubs/h";
const table = (name: string) => ({ id: `${hub}/hubRouteTables/${name}` });
const toDefault = { labels: ["default"], ids: [table("defaultRouteTable")] };
const toNone = { labels: ["none"], ids: [table("noneRouteTable")] };

test("without routing intent the hub propagates to the default table, with it to the None table", () => {
  assert.ok(isHubDefault("propagatedRouteTables", toDefault) && isHubChoice("propagatedRouteTables", toDefault));
  for (const moved of [toNone, { labels: ["None"] }, { ids: [table("NoneRouteTable")] }, { labels: [], ids: [table("noneRouteTable")] }])
    assert.ok(!isHubDefault("propagatedRouteTables", moved) && isHubChoice("propagatedRouteTables", moved), JSON.stringify(moved));
});

test("what somebody has set is no choice of the hub", () => {
  for (const set of [
    { labels: ["a"], ids: [table("defaultRouteTable")] },
    { labels: ["default"], ids: [table("other")] },
    { labels: ["default", "none"], ids: [] },
    { labels: ["none"], ids: [table("noneRouteTable"), table("other")] },
    { labels: [], ids: [table("defaultRouteTable")] },
    { labels: ["default"] },
    {},
    null,
    "default",
  ])
    assert.ok(!isHubChoice("propagatedRouteTables", set), JSON.stringify(set));
  assert.ok(isHubChoice("associatedRouteTable", table("DefaultRouteTable")));
  for (const set of [table("noneRouteTable"), table("other"), undefined]) assert.ok(!isHubChoice("associatedRouteTable", set));
  for (const name of ["inboundRouteMap", "remoteVpnSite"]) assert.ok(!isHubChoice(name, table("defaultRouteTable")));
});

test("the default is in the hub of the tables that are there", () => {
  assert.deepEqual(hubDefaultOf("associatedRouteTable", table("custom")), table("defaultRouteTable"));
  assert.deepEqual(hubDefaultOf("propagatedRouteTables", { labels: ["a"], ids: [table("custom")] }), toDefault);
  assert.deepEqual(hubDefaultOf("propagatedRouteTables", { labels: ["a"] }), { labels: ["default"] });
  assert.equal(hubDefaultOf("associatedRouteTable", { id: "x" }), undefined);
  assert.equal(hubDefaultOf("inboundRouteMap", table("custom")), undefined);
});
