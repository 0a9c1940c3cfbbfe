import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkSecretUri, findAccessFault, findSecretFaults } from "../../../shared/access/allowed-secrets.ts";

const host = "one.vault.azure.net";
const settings = (patterns: Record<string, string[]> | null = null) => ({
  KEY_VAULT_ALLOWED_HOSTS: [host, "two.vault.azure.net"],
  KEY_VAULT_ALLOWED_SECRETS: patterns && new Map(Object.entries(patterns)),
});
const may = (uri: string, patterns: Record<string, string[]> | null = null) => "secret" in checkSecretUri(uri, settings(patterns));
const secret = (name: string, at = host) => `https://${at}/secrets/${name}`;

test("without the setting names that begin with vpn- are allowed on every allowed host", () => {
  for (const name of ["vpn-branch-1", "VPN-Branch", "vpn-"]) {
    assert.ok(may(secret(name)), name);
    assert.ok(may(secret(name, "two.vault.azure.net")), name);
    assert.ok(may(`${secret(name)}/${"0".repeat(32)}`), name);
  }
  for (const name of ["prod-database-password", "vpn", "my-vpn-key", "vpn1"]) assert.ok(!may(secret(name)), name);
  assert.ok(!may(secret("vpn-1", "three.vault.azure.net")));
});

test("with the setting the patterns of the host decide, and a host without patterns allows no secret", () => {
  const patterns = { [host]: ["branch-*", "exact", "a*b*c"] };
  for (const name of ["branch-1", "BRANCH-", "Exact", "abc", "aXbXc", "abbcc", "abcbc"]) assert.ok(may(secret(name), patterns), name);
  for (const name of ["vpn-1", "exact1", "xexact", "ab", "acb", "abcd", "branch"]) assert.ok(!may(secret(name), patterns), name);
  assert.ok(!may(secret("vpn-1", "two.vault.azure.net"), patterns));
  assert.ok(may(secret("anything"), { [host]: ["*"] }));
  assert.ok(!may(secret("anything"), { [host]: [] }));
});

test("stars match like those of a regular expression, and no pattern is slow", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 1, maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(letters, pattern, (name, shape) => {
      assert.equal(may(secret(name), { [host]: [shape] }), new RegExp(`^${shape.replaceAll("*", ".*")}$`).test(name));
    }),
    { numRuns: 2000 },
  );
  const began = performance.now();
  assert.ok(!may(secret("a".repeat(127)), { [host]: [`${"*a".repeat(62)}b`] }));
  assert.ok(performance.now() - began < 100);
});

test("every key is checked, also in data that breaks the contract, and no text that may be a secret is repeated", () => {
  const link = (sharedKey: unknown) => ({ name: "l", properties: { vpnSiteLink: { id: "x" }, sharedKey } });
  const data = (sharedKey: unknown, ...links: unknown[]) => ({ connection: { properties: { sharedKey, vpnLinkConnections: links } } });
  const faults = (given: unknown) => findSecretFaults(given, (secret) => findAccessFault(secret, settings()));
  const placesOf = (given: unknown) => faults(given).map(({ target, code }) => [target, code]);
  const place = "/connection/properties";
  const good = { keyVaultSecretUri: secret("vpn-1") };
  const named = { keyVaultSecretUri: secret("prod-database-password") };
  const elsewhere = { keyVaultSecretUri: secret("vpn-1", "evil.example") };
  for (const nothing of [
    undefined,
    null,
    7,
    [],
    {},
    { connection: null },
    data(null, null, 7, { properties: null }),
    data("a key", link("a key")),
  ])
    assert.deepEqual(faults(nothing), []);
  assert.deepEqual(faults(data({ sealed: "k1.x" }, link(good), link(undefined), link(good))), []);
  assert.deepEqual(placesOf(data(named, link(good), null, link(elsewhere))), [
    [`${place}/sharedKey/keyVaultSecretUri`, "SecretNotAllowed"],
    [`${place}/vpnLinkConnections/2/properties/sharedKey/keyVaultSecretUri`, "SecretNotAllowed"],
  ]);
  // The contract finds these.
  assert.deepEqual(faults(data({ keyVaultSecretUri: "https://Summer2026" }, link({ keyVaultSecretUri: 7 }))), []);
  const form = checkSecretUri("https://Summer2026", settings());
  assert.ok("fault" in form && /^keyVaultSecretUri names a host only\./.test(form.fault) && !form.fault.includes("Summer2026"));
});
