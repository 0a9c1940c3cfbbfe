import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { requestType } from "../../../shared/contract/request.ts";
import { everyTarget } from "../../support/allowed.ts";

// A resource that was created a moment ago may be missing in one read and present in the next.

const base = "/subscriptions/7c0e5b1a-2d43-4f68-8a97-b1c2d3e4f506/resourceGroups/rg1/providers/Microsoft.Network";
const site = `${base}/vpnSites/site1`;
const gateway = `${base}/vpnGateways/gateway1`;
const table = `${base}/virtualHubs/hub1/hubRouteTables/defaultRouteTable`;
const map = `${base}/virtualHubs/hub1/routeMaps/map1`;
const rule = `${gateway}/natRules/rule1`;
const link = `${site}/vpnSiteLinks/link1`;
const data = {
  target: { subscriptionId: base.split("/")[2], resourceGroupName: "rg1", gatewayName: "gateway1", connectionName: "c1" },
  connection: {
    properties: {
      remoteVpnSite: { id: site },
      vpnLinkConnections: [{ name: "l1", properties: { vpnSiteLink: { id: link }, egressNatRules: [{ id: rule }] } }],
      routingConfiguration: { associatedRouteTable: { id: table }, inboundRouteMap: { id: map } },
    },
  },
};

/** Validates the request, with some resources missing. */
function judge(missing: readonly string[], attempt: number, links: readonly object[] = [{ id: link }]) {
  const getResource = async (id: string) =>
    missing.includes(id)
      ? { status: 404, headers: {}, text: JSON.stringify({ error: { code: "ResourceNotFound", message: "m" } }) }
      : { status: 200, headers: {}, text: JSON.stringify({ id, properties: id === site ? { vpnSiteLinks: links } : {} }) };
  const input = {
    instanceId: "vpn-1",
    type: requestType,
    data: JSON.stringify(data),
    ticket: null,
    policy: { raisedWarnings: [] },
    attempt,
  };
  return validateRequest({
    resourceManager: { getResource } as unknown as ResourceManager,
    preflightMode: "enforce",
    keys: new Map(),
    allowed: everyTarget,
    now: () => new Date(),
  })(input as unknown as Parameters<ReturnType<typeof validateRequest>>[0], () => {}, undefined as never);
}

for (const id of [site, gateway, table, map, rule])
  test(`what is missing is read again before the request is rejected: ${id.split("/").at(-2)}`, async () => {
    for (const attempt of [1, 2]) {
      const settled = await judge([id], attempt);
      assert.ok("later" in settled && settled.later.class === "missing" && settled.later.problem.code === "InvalidRequest");
      assert.ok((settled.later.afterSeconds ?? 0) >= 5);
    }
    assert.ok("problem" in (await judge([id], 3)));
    assert.ok("ok" in (await judge([], 2)));
  });

test("so is the link of a site", async () => {
  assert.ok("later" in (await judge([], 1, [{ id: `${site}/vpnSiteLinks/older` }])));
});
