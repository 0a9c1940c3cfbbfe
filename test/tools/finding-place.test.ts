import assert from "node:assert/strict";
import { test } from "node:test";
import { placesIn } from "../../tools/finding-place.ts";

// Where the target of a finding is in a file.

const data = `"connection": {
      "properties": {
        "vpnLinkConnections": [
          { "name": "fibre", "properties": { "dpdTimeoutSeconds": 5, "ipsecPolicies": [{ "a/b": 1 }] } }
        ]
      }
    }`;
const event = `{
  "type": "x",
  "data": {
    ${data}
  }
}`;
const link = "connection/properties/vpnLinkConnections/0";

const cases: readonly (readonly [
  name: string,
  text: string,
  target: string,
  place: readonly [number | null, number | null, string | null, string],
])[] = [
  ["in an event", event, `/data/${link}/properties/dpdTimeoutSeconds`, [7, 67, "fibre", "dpdTimeoutSeconds"]],
  ["in a bare body", `{\n${data}\n}`, `/${link}/properties/dpdTimeoutSeconds`, [5, 67, "fibre", "dpdTimeoutSeconds"]],
  ["in a REST body", '{"properties":{"enableBgp":1}}', "/properties/enableBgp", [1, 28, null, "enableBgp"]],
  ["an attribute", event, "/type", [2, 11, null, "type"]],
  ["a missing field: what is around it", event, `/data/${link}/properties/vpnSiteLink/id`, [7, 44, "fibre", "vpnSiteLink.id"]],
  ["a missing part of the data", event, "/data/target", [3, 11, null, "target"]],
  ["a name with a slash", event, `/data/${link}/properties/ipsecPolicies/0/a~1b`, [7, 97, "fibre", "ipsecPolicies[0].a/b"]],
  ["a link that is not there", event, "/data/connection/properties/vpnLinkConnections/7", [6, 31, "7", ""]],
  ["the whole file", event, "", [null, null, null, ""]],
  ["a fault of the JSON", '{\n "a": 1,\n}', "", [3, 1, null, ""]],
  ["an empty file", "", "", [1, 1, null, ""]],
];
for (const [name, text, target, expected] of cases) {
  test(`${name}: ${target}`, () => {
    const { line, column, link, field } = placesIn(text)(target);
    assert.deepEqual([line, column, link, field], expected);
  });
}
