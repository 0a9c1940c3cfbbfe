import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLoopbackHost, secretUriOf, vaultHostOf } from "../../../shared/secrets/secret-uri.ts";

const version = "0123456789abcdef0123456789ABCDEF";

const read: readonly (readonly [uri: string, host: string, name: string, version: string | null])[] = [
  ["https://myvault.vault.azure.net/secrets/branch-0042", "myvault.vault.azure.net", "branch-0042", null],
  [`https://myvault.vault.azure.net/secrets/branch-0042/${version}`, "myvault.vault.azure.net", "branch-0042", version],
  ["https://MyVault.Vault.Azure.Net/secrets/Branch", "myvault.vault.azure.net", "Branch", null],
  ["https://myvault.vault.azure.net:443/secrets/k", "myvault.vault.azure.net", "k", null],
  [`https://myvault.vault.azure.cn/secrets/${"k".repeat(127)}`, "myvault.vault.azure.cn", "k".repeat(127), null],
  [`https://127.0.0.1:8443/secrets/k/${version}`, "127.0.0.1:8443", "k", version],
  ["https://myvault.vault.azure.net/secrets/k/", "myvault.vault.azure.net", "k", null],
  [`https://myvault.vault.azure.net/secrets/k/${version}/`, "myvault.vault.azure.net", "k", version],
  ["HTTPS://myvault.vault.azure.net/Secrets/k", "myvault.vault.azure.net", "k", null],
  ["https://localhost:8443/secrets/k", "localhost:8443", "k", null],
  ["https://[::1]:8443/secrets/k", "[::1]:8443", "k", null],
];
for (const [uri, host, name, wanted] of read) {
  test(`read: ${uri.slice(0, 80)}`, () => assert.deepEqual(secretUriOf(uri), { vaultUrl: `https://${host}`, host, name, version: wanted }));
}

const vault = "https://myvault.vault.azure.net";
const refused = [
  "",
  "the key itself",
  vault,
  `${vault}/`,
  `${vault}/secrets`,
  `${vault}/secrets/`,
  `${vault}/keys/k`,
  `${vault}/secrets/k/latest`,
  `${vault}/secrets/k/${version.slice(1)}`,
  `${vault}/secrets/k/${version}0`,
  `${vault}/secrets/k//`,
  `${vault}/secrets/k/${version}//`,
  `${vault}/secrets/k/${version}/x`,
  `${vault}//secrets/k`,
  `${vault}/x/../secrets/k`,
  `${vault}/secrets/k_1`,
  `${vault}/secrets/k%31`,
  `${vault}/secrets/ключ`,
  `${vault}/secrets/${"k".repeat(128)}`,
  `${vault}/secrets/k?api-version=7.4`,
  `${vault}/secrets/k#x`,
  ` ${vault}/secrets/k`,
  `${vault}/secrets/k\n`,
  "http://myvault.vault.azure.net/secrets/k",
  "https:/myvault.vault.azure.net/secrets/k",
  "https:\\\\myvault.vault.azure.net/secrets/k",
  "https://evil.example\\@myvault.vault.azure.net/secrets/k",
  "https://user@myvault.vault.azure.net/secrets/k",
  "https://user:password@myvault.vault.azure.net/secrets/k",
  "https://myvault.vault.azure.net@evil.example/secrets/k",
  "https://myvault.vault.azure.net:0/secrets/k:1",
  "https://myvault.vault.azure.net:65536/secrets/k",
  "https://myvault.vault.azure.net:/secrets/k",
  "https://myvault.vault.azure.net./secrets/k",
  "https://*.vault.azure.net/secrets/k",
  "https://ｍyvault.vault.azure.net/secrets/k",
  "https://my\u212Aault.vault.azure.net/secrets/k",
  "https://my%76ault.vault.azure.net/secrets/k",
  "https://127.1/secrets/k",
  "https://2130706433/secrets/k",
  "https://0x7f.0.0.1/secrets/k",
  "https://[0:0:0:0:0:0:0:1]/secrets/k",
];
for (const uri of refused) {
  test(`refused: ${JSON.stringify(uri.slice(0, 80))}`, () => assert.equal(secretUriOf(uri), undefined));
}

test("for every accepted text, the URL parser finds the same parts", () => {
  const part = fc.oneof(
    fc.constantFrom(
      "https://",
      "myvault.vault.azure.net",
      "evil.example",
      "127.0.0.1",
      ":8443",
      "/secrets/",
      "k",
      "/",
      version,
      "@",
      "#",
      "?",
    ),
    fc.constantFrom("\\", "..", "%2f", " ", "\t", "\n", ":", "[::1]", "1", "0x7f", "."),
    fc.string({ maxLength: 3 }),
  );
  const text = fc.oneof(
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.tuple(part, part, part).map(([a, b, c]) => `https://${a}${b}/secrets/${c}`),
  );
  let found = 0;
  fc.assert(
    fc.property(text, (uri) => {
      const secret = secretUriOf(uri);
      if (!secret) return;
      found++;
      const url = new URL(uri);
      assert.equal(url.host, secret.host);
      assert.equal(url.origin, secret.vaultUrl);
      const path = ["", "secrets", secret.name, ...(secret.version === null ? [] : [secret.version])].join("/");
      assert.equal(`${url.pathname}${url.search}${url.hash}`.replace(/\/$/, "").toLowerCase(), path.toLowerCase());
    }),
    { numRuns: 5_000 },
  );
  assert.ok(found > 50, `${found} of the texts were URIs of secrets`);
});

test("every name and version is returned unchanged", () => {
  const names = fc.stringMatching(/^[0-9A-Za-z-]{1,127}$/);
  const versions = fc.option(fc.stringMatching(/^[0-9a-f]{32}$/));
  fc.assert(
    fc.property(fc.domain(), names, versions, (host, name, wanted) => {
      const uri = `https://${host}/secrets/${name}${wanted === null ? "" : `/${wanted}`}`;
      assert.deepEqual(secretUriOf(uri), { vaultUrl: `https://${host.toLowerCase()}`, host: host.toLowerCase(), name, version: wanted });
    }),
  );
});

test("a host is accepted only in the form of URLs", () => {
  assert.deepEqual(["A.b:443", "a.b:8443", "localhost"].map(vaultHostOf), ["a.b", "a.b:8443", "localhost"]);
  assert.deepEqual(
    ["", ".", "a..b", "a b", "a/b", "https://a.b", "a.b:", "a.b:99999", "*", "1", "127.1"].map(vaultHostOf),
    Array(11).fill(undefined),
  );
});

test("only names and addresses of this machine are loopback", () => {
  for (const host of ["localhost", "localhost:1", "127.0.0.1", "127.0.0.1:8443", "127.255.0.9", "[::1]", "[::1]:8443"])
    assert.ok(isLoopbackHost(host), host);
  for (const host of [
    "localhost.example",
    "127.0.0.1.example",
    "x127.0.0.1",
    "128.0.0.1",
    "[::2]",
    "myvault.vault.azure.net",
    "127.example",
  ])
    assert.ok(!isLoopbackHost(host), host);
});
