import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { secretUriOf } from "../../../shared/secrets/secret-uri.ts";
import { findSecretUriFault } from "../../../shared/secrets/secret-uri-fault.ts";

const vault = "https://myvault.vault.azure.net";
const version = "0123456789abcdef0123456789abcdef";
const form = "The form is https://myvault.vault.azure.net/secrets/vpn-branch-0042, with or without a version.";

const accepted = [
  `${vault}/secrets/vpn-1`,
  `${vault}/secrets/vpn-1/`,
  `${vault}/secrets/vpn-1/${version}`,
  `${vault}/secrets/vpn-1/${version}/`,
  `${vault}/secrets/vpn-1/${version.toUpperCase()}`,
  `${vault}:443/secrets/vpn-1`,
  "HTTPS://MYVAULT.VAULT.AZURE.NET/SECRETS/VPN-1",
  "https://kv-branches.example/secrets/branch-0042/",
  "https://myvault.vault.usgovcloudapi.net/secrets/vpn-1",
  "https://myvault.vault.azure.cn/secrets/vpn-1",
  "https://127.0.0.1:8443/secrets/vpn-1",
  "https://localhost:8443/secrets/vpn-1/",
];
for (const uri of accepted) test(`accepted: ${uri}`, () => assert.equal(findSecretUriFault(uri), undefined));

const refused: readonly (readonly [uri: string, says: string])[] = [
  [` ${vault}/secrets/k`, "has a space or a line break at its start or end"],
  [`${vault}/secrets/k\n`, "has a space or a line break at its start or end"],
  [`${vault}/secrets/k `, "has a space or a line break at its start or end"],
  [`${vault}/secrets/a k`, "has a space or a line break in it"],
  ["", "must start with https://"],
  ["http://myvault.vault.azure.net/secrets/k", "must start with https://"],
  ["@Microsoft.KeyVault(SecretUri=https://myvault.vault.azure.net/secrets/k)", "must start with https://"],
  ["/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/secrets/k", "must start with https://"],
  [`${vault}\\secrets\\k`, "has a backslash"],
  [`${vault}/secrets/k?api-version=7.4`, "has a query"],
  [`${vault}/secrets/k/${version}?api-version=2025-07-01`, "has a query"],
  [`${vault}/secrets/k/?`, "has a query"],
  [`${vault}/secrets/k#x`, "has a fragment"],
  ["https://portal.azure.com/#@tenant/asset/Microsoft_Azure_KeyVault/Secret", "has a fragment"],
  ["https://user@myvault.vault.azure.net/secrets/k", "has a user name before the host"],
  ["https://user:word@myvault.vault.azure.net/secrets/k", "has a user name before the host"],
  ["https://myvault.vault.azure.net@evil.example/secrets/k", "has a user name before the host"],
  [`${vault}:8443/secrets/k`, "has a port"],
  [`${vault}:/secrets/k`, "has a port"],
  [`${vault}:99999/secrets/k`, "has a port"],
  [`${vault}:0443/secrets/k`, "has a port"],
  ["https://[::2]:8443/secrets/k", "has a port"],
  [`${vault}/keys/k`, "is the URI of a key in Key Vault"],
  [`${vault}/keys/k/${version}`, "is the URI of a key in Key Vault"],
  [`${vault}/Keys/k/`, "is the URI of a key in Key Vault"],
  [`${vault}/certificates/k`, "is the URI of a certificate"],
  [`${vault}/certificates/k/${version}`, "is the URI of a certificate"],
  [vault, "names a host only"],
  [`${vault}/`, "names a host only"],
  [`${vault}/secrets`, "names no secret"],
  [`${vault}/secrets/`, "names no secret"],
  [`${vault}/secrets/k_1`, "has a name with other characters than letters, digits and hyphens"],
  [`${vault}/secrets/k%31`, "has a name with other characters than letters, digits and hyphens"],
  [`${vault}/secrets/ключ`, "has a name with other characters than letters, digits and hyphens"],
  [`${vault}/secrets/${"k".repeat(128)}`, "has a name of more than 127 characters"],
  [`${vault}/secrets/k/latest`, "must end with the name or with a version of 32 hexadecimal digits"],
  [`${vault}/secrets/k/versions`, "must end with the name or with a version of 32 hexadecimal digits"],
  [`${vault}/secrets/k/${version.slice(1)}`, "must end with the name or with a version of 32 hexadecimal digits"],
  [`${vault}/secrets/k/${version}/backup`, "must end with the name or with a version of 32 hexadecimal digits"],
  [`${vault}/deletedsecrets/k`, "is not the URI of a Key Vault secret"],
  [`${vault}//secrets/k`, "is not the URI of a Key Vault secret"],
  [`${vault}./secrets/k`, "is not the URI of a Key Vault secret"],
  ["https://*.vault.azure.net/secrets/k", "is not the URI of a Key Vault secret"],
  ["https://127.1/secrets/k", "is not the URI of a Key Vault secret"],
];
for (const [uri, says] of refused) {
  test(`refused: ${JSON.stringify(uri.slice(0, 80))}: ${says}`, () => {
    const fault = findSecretUriFault(uri) ?? assert.fail("accepted");
    assert.ok(fault.startsWith(says) && fault.endsWith(form), fault);
    assert.ok(fault.length < 260, fault);
  });
}

test("what is no secret URI always has a fault, which does not repeat the text", () => {
  const tail = fc.oneof(fc.string(), fc.webPath(), fc.constantFrom("/secrets/", "/keys/a", "?x", "#x", ":1"));
  fc.assert(
    fc.property(fc.domain(), tail, (host, rest) => {
      const uri = `https://${host}${rest}`;
      const fault = findSecretUriFault(uri);
      if (!secretUriOf(uri)) assert.ok(fault, uri);
      assert.ok(!fault?.includes(host));
    }),
    { numRuns: 2_000 },
  );
});
