import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openKeys } from "../../../functions/activities/open-keys.ts";

// What a request is told of a secret in a vault that cannot be its key.

const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
const uri = "https://one.vault.azure.net/secrets/vpn-1";
const pointer = "/data/connection/properties/vpnLinkConnections/0/properties/sharedKey";

function opened(value: string) {
  const sharedKey = { keyVaultSecretUri: uri };
  const vpnLinkConnections = [{ name: "link1", properties: { vpnSiteLink: { id: "x" }, sharedKey } }];
  const owner = {
    instanceId: "vpn-1",
    requestSource: "/tests",
    requestType: "vpn-connection.provision.requested.v1",
    target: { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" },
    desired: { properties: { remoteVpnSite: { id: "x" }, vpnLinkConnections } },
  };
  return openKeys(owner, { keys, keyVault: { readSecret: async () => ({ ok: { value, version: "1" } }) } });
}

const key = "S3cretOfTheBranch";
for (const [value, says] of [
  [`${key}\n`, "it ends with a line feed."],
  [` ${key}`, "it starts with a space."],
  ["", "it is empty."],
  [`${key}\u0000`, "it has a character that is not printable ASCII."],
] as const) {
  test(`${JSON.stringify(value.slice(0, 30))}: ${says}`, async () => {
    const settled = await opened(value);
    assert.ok("problem" in settled);
    const { code, target, message } = settled.problem;
    assert.deepEqual([code, target], ["SecretUnusable", pointer]);
    assert.ok(message.startsWith(`Link 'link1': The secret in Key Vault is not a pre-shared key: ${says} `), message);
    assert.ok(message.includes("keyVaultSecretUri") && message.length < 300, message);
    if (value.trim() !== "") assert.ok(!JSON.stringify(settled).includes(JSON.stringify(value.trim()).slice(1, -1)));
  });
}

test("every other key of 1 to 128 printable characters is used as it is", async () => {
  const printable = fc.string({
    minLength: 1,
    maxLength: 128,
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  await fc.assert(
    fc.asyncProperty(printable, async (value) => {
      fc.pre(value === value.trim());
      const settled = await opened(value);
      assert.deepEqual("ok" in settled && settled.ok.values, [value]);
    }),
  );
  for (const value of ["k", "two words", "x".repeat(128)]) assert.ok("ok" in (await opened(value)), value);
});
