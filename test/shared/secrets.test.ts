import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as z from "zod";
import { samePayload } from "../../shared/claim.ts";
import { requestDataSchema } from "../../shared/contract/request.ts";
import { armErrorOf } from "../../shared/operation.ts";
import { isSecretField, suggestsSecret, withoutSecretFields, withoutSecretValues } from "../../shared/redaction.ts";
import { fingerprintsOf, isSealed, openSealed, openSecrets, sealedIn, sealSecrets } from "../../shared/sealing.ts";
import { newMark } from "../support/marks.ts";
import { everySpellingOf, spellings } from "../support/spellings.ts";

const ring = new Map([
  ["k2", randomBytes(32)],
  ["k1", randomBytes(32)],
]);

test("fields are known by their names, in any case and with any separators", () => {
  for (const name of ["sharedKey", "SharedKey", "shared_key", "SHARED-KEY", "psk", "preSharedKey"]) assert.ok(isSecretField(name), name);
  for (const name of ["sharedKeyLength", "key", "name", "sharedKeys"]) assert.ok(!isSecretField(name), name);
});

test("names that may be meant for a secret suggest one, and of the contract's own names only the key's does", () => {
  for (const name of ["sharedKye", "shardKey", "sharedKeys", "preSharedKy", "ikePsk", "vpnKey", "SharedSecret", "password", "passphrase"])
    assert.ok(suggestsSecret(name), name);
  const names = new Set<string>();
  JSON.stringify(z.toJSONSchema(requestDataSchema, { unrepresentable: "any", io: "input" }), (_, node) => {
    for (const name of Object.keys(node?.properties ?? {})) names.add(name);
    return node;
  });
  assert.ok(names.has("vpnLinkConnectionMode"));
  // The second stands in the place of the first, and nowhere else.
  assert.deepEqual([...names].filter(suggestsSecret), ["sharedKey", "keyVaultSecretUri"]);
});

test("secret fields are left out at any depth, and nothing else", () => {
  const value = { a: [{ sharedKey: "x", b: null, unknown: { psk: 1, kept: true } }], sharedKeyLength: 3 };
  assert.deepEqual(withoutSecretFields(value), { a: [{ b: null, unknown: { kept: true } }], sharedKeyLength: 3 });
});

const quoted: readonly (readonly [text: string, without: string])[] = [
  ['the body {"sharedKey":"abc","name":"n"}', 'the body {"sharedKey":"[redacted]","name":"n"}'],
  ['{ "Shared_Key" : "a\\"b", "psk": "c" }', '{ "Shared_Key" : "[redacted]", "psk": "[redacted]" }'],
  [
    JSON.stringify({ body: JSON.stringify({ preSharedKey: 'a"b', n: 1 }) }),
    JSON.stringify({ body: JSON.stringify({ preSharedKey: "[redacted]", n: 1 }) }),
  ],
  ['{"sharedKey": 1234567, "psk": null, "n": 1}', '{"sharedKey": "[redacted]", "psk": "[redacted]", "n": 1}'],
  ['{"sharedKey": ["abc", {"d": 1}, "def"], "n": 1}', '{"sharedKey": "[redacted]"'],
  ['{"sharedKey": "abc', '{"sharedKey": "[redacted]"'],
  ['"sharedKeyLength": 3, "key": "abc", shared key', '"sharedKeyLength": 3, "key": "abc", shared key'],
];
for (const [text, without] of quoted) {
  test(`a secret field that a text quotes loses its value, however short: ${text}`, () => {
    assert.equal(withoutSecretFields(text), without);
  });
}

test("a search for quoted fields ends soon, whatever the text", () => {
  const began = performance.now();
  for (const piece of ["\\", '"psk":"', '\\"psk":\\"', '"psk":}', '"psk" : ', "%25", "&amp;", "&#37;25"]) {
    const text = piece.repeat(250_000 / piece.length);
    withoutSecretFields(text);
    withoutSecretValues(text, ["a-long-secret"]);
  }
  assert.ok(performance.now() - began < 5_000);
});

test("what Azure says of an error is kept word for word, its secret fields left out", () => {
  const error = { code: "Bad", message: 'bad {"psk":"abc"}', details: [{ code: "Inner", info: { sharedKey: "abc", name: "n" } }] };
  assert.deepEqual(armErrorOf({ status: 400, headers: {}, text: JSON.stringify({ error }) }), {
    status: 400,
    code: "Bad",
    message: 'bad {"psk":"[redacted]"}',
    details: [{ code: "Inner", info: { name: "n" } }],
  });
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

test("a secret is found in any spelling, and in spellings of spellings; what is around the usual ones stays", () => {
  const signs = fc.string({ maxLength: 12, unit: fc.constantFrom(..."\"\\/%+&<>'= ;#?{}`!~()*ab1") });
  const nested = fc.array(fc.constantFrom(...Object.values(spellings)), { maxLength: 3 });
  fc.assert(
    fc.property(signs, nested, fc.string(), (between, spelt, around) => {
      const [begin, end] = [newMark(), newMark()];
      const text = spelt.reduce((written, spell) => spell(written), `${begin}${between}${end}`);
      const clean = JSON.stringify(withoutSecretValues({ [`${around} ${text}`]: text }, [`${begin}${between}${end}`]));
      assert.ok(!clean.includes(begin) && !clean.includes(end), clean);
    }),
    { numRuns: 2_000 },
  );
  const secret = `a"b\\c/d+e&f g${"é"}`;
  for (const text of everySpellingOf(secret)) {
    assert.match(withoutSecretValues(`this ${text} is kept`, [secret]), /^(this \[redacted\] is kept|\[redacted\])$/);
  }
  const json = spellings["json"]?.(secret) ?? "";
  for (const text of [secret, json, spellings["json"]?.(json), encodeURIComponent(secret)])
    assert.equal(withoutSecretValues(`this ${text} is kept`, [secret]), "this [redacted] is kept");
});

test("of two secrets that begin alike neither leaves its end", () => {
  assert.equal(withoutSecretValues("12345678 and 123456789abc", ["12345678", "123456789abc"]), "[redacted] and [redacted]");
});

test("a secret of nothing but escapes takes nothing else with it", () => {
  assert.deepEqual(withoutSecretValues(["other", "\\".repeat(8)], ["\\".repeat(8)]), ["other", "[redacted]"]);
});

test("what is sealed opens in its own place of its own request only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (secret, instance) => {
      const data = { connection: { properties: { vpnLinkConnections: [{ properties: { sharedKey: secret } }] } } };
      const sealed = sealSecrets(data, instance, ring) as typeof data;
      assert.deepEqual(openSecrets(sealed, [], instance, ring), data);
      const found = sealedIn(sealed.connection, ["connection"]);
      const [[pointer = "", text = ""] = []] = Object.entries(found);
      assert.equal(pointer, "/connection/properties/vpnLinkConnections/0/properties/sharedKey");
      // What is shorter may stand there as a part of a name.
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
      f: { sharedKey: { keyVaultSecretUri: "no:address" } },
      g: { sharedKey: { keyVaultSecretUri: ["https://v"] } },
      h: JSON.stringify({ a: [{ psk: "x" }], n: 1 }),
      sharedKye: { value: "x" },
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
    f: { sharedKey: { keyVaultSecretUri: { unsealable: "string" } } },
    g: { sharedKey: { keyVaultSecretUri: { unsealable: "object" } } },
    h: JSON.stringify({ a: [{ psk: "[redacted]" }], n: 1 }),
    sharedKye: { unsealable: "object" },
  });
  assert.ok(!isSealed({ unsealable: "x" }));
});

test("a payload is recognised as long as one of the keys that were there is still there", () => {
  const prints = fingerprintsOf("payload", ring);
  assert.ok(prints.every((print) => /^[a-z0-9]+\.[\w-]{43}$/.test(print)));
  assert.deepEqual(
    prints.map((print) => print.split(".")[0]),
    [...ring.keys()],
  );
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.ok(samePayload(fingerprintsOf("payload", rotated), prints));
  assert.ok(!samePayload(fingerprintsOf("payloae", rotated), prints));
  assert.ok(!samePayload(fingerprintsOf("payload", new Map([["k3", randomBytes(32)]])), prints), "no key in common: nothing can be said");
});
