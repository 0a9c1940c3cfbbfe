import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { urlTemplateOf } from "../../../shared/tracing/url-template.ts";

const origin = "https://management.azure.com";
const group = "/subscriptions/1f2e/resourceGroups/rg-secret/providers/Microsoft.Network";
const shownGroup = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network";

const urls: readonly (readonly [path: string, template: string, type: string])[] = [
  [`${group}/vpnGateways/gw/vpnConnections/branch?api-version=1`, `${shownGroup}/vpnGateways/{}/vpnConnections/{}`, "vpnConnections"],
  [`${group.toLowerCase()}/VPNGATEWAYS/gw`, `${shownGroup}/vpnGateways/{}`, "vpnGateways"],
  [
    "/subscriptions/1f2e/providers/Microsoft.Network/locations/westeurope/operations/5-7?t=1&c=MIIsigned",
    "/subscriptions/{}/providers/Microsoft.Network/locations/{}/operations/{}",
    "operations",
  ],
  ["/subscriptions/operations/resourceGroups/vpnGateways", "/subscriptions/{}/resourceGroups/{}", "resourceGroups"],
  ["/secret/other?sig=secret", "/{}/{}", "resource"],
];
for (const [path, template, type] of urls) {
  test(`the form of ${path}`, () => assert.deepEqual(urlTemplateOf(origin + path), { template, type }));
}

test("whatever the path is, no name of it is shown, and no query", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{9}$/)), fc.stringMatching(/^[a-z]{9}$/), (parts, query) => {
      const { template, type } = urlTemplateOf(`${origin}/${parts.map((part) => `x${part}`).join("/")}?sig=${query}`);
      assert.match(template, /^\/({}(\/{})*)?$/);
      assert.equal(type, "resource");
    }),
  );
});
