import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isSecretField, withoutSecretFields, withoutSecretValues } from "../../shared/redaction.ts";
import { fingerprint, isSealed, openSealed, openSecrets, sealedIn, sealSecrets } from "../../shared/sealing.ts";

const ring = new Map([
  ["k2", randomBytes(32)],
  ["k1", randomBytes(32)],
]);

test("fields are known by their names, in any case and with any separators", () => {
  for (const name of ["sharedKey", "SharedKey", "shared_key", "SHARED-KEY", "psk", "preSharedKey"]) assert.ok(isSecretField(name), name);
  for (const name of ["sharedKeyLength", "key", "name", "sharedKeys"]) assert.ok(!isSecretField(name), name);
});

test("secret fields are left out at any depth, and nothing else", () => {
  const value = { a: [{ sharedKey: "x", b: null, unknown: { psk: 1, kept: true } }], sharedKeyLength: 3 };
  assert.deepEqual(withoutSecretFields(value), { a: [{ b: null, unknown: { kept: true } }], sharedKeyLength: 3 });
});

test("secrets of eight characters and more leave no trace in any string or name, escaped and encoded forms included", () => {
  fc.assert(
    fc.property(
      fc
        .string({ minLength: 8, maxLength: 40, unit: "grapheme" })
        .filter((text) => text.trim().length >= 8 && !"[redacted]".includes(text)),
      fc.string(),
      (secret, around) => {
        const clean = withoutSecretValues(
          { text: around + secret, nested: [{ [`x${secret}`]: JSON.stringify({ secret }), url: `?k=${encodeURIComponent(secret)}` }] },
          [secret],
        );
        const seen = JSON.stringify(clean);
        assert.ok(!seen.includes(JSON.stringify(secret).slice(1, -1)), seen);
      },
    ),
    { numRuns: 300 },
  );
  assert.deepEqual(withoutSecretValues({ a: "the key is key" }, ["key"]), { a: "the key is key" });
});

test("what is sealed opens in its own place of its own request only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (secret, instance) => {
      const data = { connection: { properties: { vpnLinkConnections: [{ properties: { sharedKey: secret } }] } } };
      const sealed = sealSecrets(data, instance, ring) as typeof data;
      assert.ok(secret.length < 4 || !JSON.stringify(sealed).includes(JSON.stringify(secret).slice(1, -1)));
      assert.deepEqual(openSecrets(sealed, [], instance, ring), data);
      const found = sealedIn(sealed.connection, ["connection"]);
      const [[pointer = "", text = ""] = []] = Object.entries(found);
      assert.equal(pointer, "/connection/properties/vpnLinkConnections/0/properties/sharedKey");
      assert.equal(openSealed(text, instance, pointer, ring), secret);
      assert.throws(() => openSealed(text, `${instance}x`, pointer, ring));
      assert.throws(() => openSealed(text, instance, pointer.replace("0", "1"), ring));
      assert.throws(() => openSealed(`${text.slice(0, -2)}${text.endsWith("AA") ? "BB" : "AA"}`, instance, pointer, ring));
      assert.throws(() => openSealed(text, instance, pointer, new Map([["k2", randomBytes(32)]])));
    }),
    { numRuns: 200 },
  );
});

test("the first key seals, all open; a key that left the ring is named", () => {
  const [sealed] = Object.values(sealedIn(sealSecrets({ sharedKey: "s" }, "i", ring), []));
  assert.match(String(sealed), /^k2\./);
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.equal(openSealed(String(sealed), "i", "/sharedKey", rotated), "s");
  assert.throws(() => openSealed(String(sealed), "i", "/sharedKey", new Map([["k3", randomBytes(32)]])), /no key "k2"/);
});

test("whatever stands in a secret's place, no value of it stays", () => {
  const sealed = sealSecrets(
    {
      a: { sharedKey: 12345678 },
      b: { sharedKey: { sealed: "k1.forged" } },
      c: { sharedKey: ["x"] },
      d: { sharedKey: null },
      e: { sharedKey: { keyVaultSecretUri: "https://v" } },
    },
    "i",
    ring,
  );
  assert.deepEqual(sealed, {
    a: { sharedKey: { unsealable: "number" } },
    b: { sharedKey: { unsealable: "object" } },
    c: { sharedKey: { unsealable: "array" } },
    d: { sharedKey: { unsealable: "null" } },
    e: { sharedKey: { keyVaultSecretUri: "https://v" } },
  });
  assert.ok(!isSealed({ unsealable: "x" }));
});

test("a fingerprint names its key, and is compared under the key it was made with", () => {
  const print = fingerprint("payload", ring);
  assert.match(print, /^k2\.[\w-]{43}$/);
  assert.equal(fingerprint("payload", new Map([["k3", randomBytes(32)], ...ring]), "k2"), print);
  assert.notEqual(fingerprint("payloae", ring), print);
  assert.equal(fingerprint("payload", ring, "gone"), "gone.unknown");
});
