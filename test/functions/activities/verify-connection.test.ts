import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyConnection } from "../../../functions/activities/verify-connection.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import { answer, body, connection, keys, log, missing, nobody, reset, saidOf, scripted, shown } from "../../support/scripted-azure.ts";

// The read after the change, against scripted responses.

const verifications: readonly (readonly [name: string, given: ArmResponse | Error, expected: string])[] = [
  ["Succeeded", shown("Succeeded"), "ok"],
  ["still Updating", shown("Updating"), "later busy"],
  ["a link still Updating", shown("Succeeded", body(), "Updating"), "later busy"],
  ["Failed", shown("Failed"), "problem ProvisioningFailed"],
  ["a link Failed", shown("Succeeded", body(), "Failed"), "problem ProvisioningFailed"],
  ["gone", missing, "later missing"],
  ["an outage", answer(500), "later transient"],
  ["no answer", reset, "later transient"],
  ["no connection at all", answer(200, {}), "later transient"],
  ["no JSON", answer(200, "<html>"), "later transient"],
];
for (const [name, given, expected] of verifications) {
  test(`verified: ${name}`, async () =>
    assert.equal(saidOf(await verifyConnection({ resourceManager: scripted({ get: [given] }), keys })(connection, log, nobody)), expected));
}

test("the verified resource is what the service gave, unknown fields kept, secret fields left out", async () => {
  const given = {
    properties: {
      provisioningState: "Succeeded",
      sharedKey: "x",
      future: { field: [1] },
      vpnLinkConnections: [{ properties: { provisioningState: "Succeeded", sharedKey: "y" } }],
    },
    systemData: {},
  };
  const settled = await verifyConnection({ resourceManager: scripted({ get: [answer(200, given)] }), keys })(connection, log, nobody);
  assert.deepEqual("ok" in settled && settled.ok, {
    properties: {
      provisioningState: "Succeeded",
      future: { field: [1] },
      vpnLinkConnections: [{ properties: { provisioningState: "Succeeded" } }],
    },
    systemData: {},
  });
});
