import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { collectSealed, isSealed, openSealed, sealSecrets } from "../../../shared/secrets/sealing.ts";
import { openAllSecrets } from "../../support/open-all-secrets.ts";

const ring = new Map([
  ["k2", randomBytes(32)],
  ["k1", randomBytes(32)],
]);

test("a sealed value opens only in its place of its request", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (secret, instance) => {
      const data = { connection: { properties: { vpnLinkConnections: [{ properties: { sharedKey: secret } }] } } };
      const sealed = sealSecrets(data, instance, ring) as typeof data;
      assert.deepEqual(openAllSecrets(sealed, [], instance, ring), data);
      const found = collectSealed(sealed.connection, ["connection"]);
      const [[pointer = "", text = ""] = []] = Object.entries(found);
      assert.equal(pointer, "/connection/properties/vpnLinkConnections/0/properties/sharedKey");
      // A shorter secret may be a part of a name.
      assert.ok(secret.length < 8 || !JSON.stringify(sealed).includes(JSON.stringify(secret).slice(1, -1)));
      assert.equal(openSealed(text, instance, pointer, ring), secret);
      assert.throws(() => openSealed(text, `${instance}x`, pointer, ring));
      assert.throws(() => openSealed(text, instance, pointer.replace("0", "1"), ring));
      assert.throws(() => openSealed(`${text.slice(0, -2)}${text.endsWith("AA") ? "BB" : "AA"}`, instance, pointer, ring));
      assert.throws(() => openSealed(text, instance, pointer, new Map([["k2", randomBytes(32)]])));
    }),
    { numRuns: 200 },
  );
});

/** Returns a request's data with a key of the connection. */
const withKey = (sharedKey: unknown) => ({ connection: { properties: { sharedKey } } });
const place = "/connection/properties/sharedKey";

test("the first key seals, all open, and the error names a key that is no longer in the ring", () => {
  const [sealed] = Object.values(collectSealed(sealSecrets(withKey("s"), "i", ring), []));
  assert.match(String(sealed), /^k2\./);
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.equal(openSealed(String(sealed), "i", place, rotated), "s");
  assert.throws(() => openSealed(String(sealed), "i", place, new Map([["k3", randomBytes(32)]])), /no key "k2"/);
});

test("no other value in the place of a secret stays", () => {
  for (const [given, kept] of [
    [12345678, { unsealable: "number" }],
    [{ sealed: "k1.forged" }, { unsealable: "object" }],
    [["x"], { unsealable: "array" }],
    [null, null],
    [{ keyVaultSecretUri: null }, { keyVaultSecretUri: null }],
    [{ keyVaultSecretUri: "https://v" }, { keyVaultSecretUri: "https://v" }],
    [{ keyVaultSecretUri: "no:address" }, { keyVaultSecretUri: { unsealable: "string" } }],
    [{ keyVaultSecretUri: ["https://v"] }, { keyVaultSecretUri: { unsealable: "object" } }],
  ])
    assert.deepEqual(sealSecrets(withKey(given), "i", ring), withKey(kept));
  assert.ok(!isSealed({ unsealable: "x" }));
});

test("a secret is sealed only where the contract has one; elsewhere its type replaces it", () => {
  const names = ["sharedKye", "sharedKey", "pwd", "pass", "psk", "ikePsk", "vpn_key", "SharedSecret"];
  for (const name of names) {
    const sealed = sealSecrets({ [name]: "x", connection: { [name]: "x", properties: { a: { [name]: { value: "x" } } } } }, "i", ring);
    assert.deepEqual(sealed, {
      [name]: { unsealable: "string" },
      connection: { [name]: { unsealable: "string" }, properties: { a: { [name]: { unsealable: "object" } } } },
    });
  }
  const text = JSON.stringify({ a: [{ psk: "x" }], n: 1 });
  assert.deepEqual(sealSecrets({ text }, "i", ring), { text: JSON.stringify({ a: [{ psk: "[redacted]" }], n: 1 }) });
});

test("one message uses at most five random IVs of the sealing key", () => {
  const link = { properties: { sharedKey: "the-same-key" } };
  const many = {
    connection: { properties: { sharedKey: "the-same-key", vpnLinkConnections: Array.from({ length: 10_000 }, () => link) } },
  };
  const sealed = sealSecrets(many, "i", ring);
  assert.equal(Object.keys(collectSealed(sealed, [])).length, 5);
  assert.ok(!JSON.stringify(sealed).includes("the-same-key"));
  const notAList = sealSecrets({ connection: { properties: { vpnLinkConnections: { 0: link } } } }, "i", ring);
  assert.deepEqual(collectSealed(notAList, []), {});
});
