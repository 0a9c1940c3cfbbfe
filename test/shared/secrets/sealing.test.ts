import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as z from "zod";
import { requestDataSchema } from "../../../shared/contract/request.ts";
import { isSamePayload } from "../../../shared/durable/claim.ts";
import { deriveKeys, fingerprintsOf, type KeyUse } from "../../../shared/secrets/key-ring.ts";
import { isSecretField, removeSecretFields, suggestsSecret } from "../../../shared/secrets/redaction.ts";
import { collectSealed, isSealed, openSealed, openSecrets, sealSecrets } from "../../../shared/secrets/sealing.ts";

const ring = new Map([
  ["k2", randomBytes(32)],
  ["k1", randomBytes(32)],
]);

test("fields are known by their names, in any case and with any separators", () => {
  for (const name of [
    "sharedKey",
    "SharedKey",
    "shared_key",
    "SHARED-KEY",
    "psk",
    "preSharedKey",
    "connectionSharedKey",
    "preSharedKeyValue",
  ])
    assert.ok(isSecretField(name), name);
  for (const name of ["sharedKeyLength", "key", "name", "sharedKeys"]) assert.ok(!isSecretField(name), name);
});

test("names that may be meant for a secret suggest one, and of the contract's own names only the key's does", () => {
  for (const name of [
    "sharedKye",
    "shardKey",
    "sharedKeys",
    "preSharedKy",
    "ikePsk",
    "vpnKey",
    "SharedSecret",
    "password",
    "passphrase",
    "pwd",
    "vpnPass",
    "p-s-k",
  ])
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
  assert.deepEqual(removeSecretFields(value), { a: [{ b: null, unknown: { kept: true } }], sharedKeyLength: 3 });
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
  ["sharedKey='abc' is bad, 'psk': 'd'", "sharedKey='[redacted]' is bad, 'psk': '[redacted]'"],
  ["sharedKey='a'b'c', n='1'", "sharedKey='[redacted]', n='1'"],
  ["<v:preSharedKey>a&lt;b</v:preSharedKey><n>1</n>", "<v:preSharedKey>[redacted]</v:preSharedKey><n>1</n>"],
  ['{"connectionSharedKey": "abc", "preSharedKeyValue": "d"}', '{"connectionSharedKey": "[redacted]", "preSharedKeyValue": "[redacted]"}'],
  ['"sharedKeyLength": 3, "key": "abc", shared key', '"sharedKeyLength": 3, "key": "abc", shared key'],
];
for (const [text, without] of quoted) {
  test(`a secret field that a text quotes loses its value, however short: ${text}`, () => {
    assert.equal(removeSecretFields(text), without);
  });
}

test("a search for quoted fields ends soon, whatever the text", () => {
  const began = performance.now();
  for (const piece of ["\\", '"psk":"', '\\"psk":\\"', '"psk":}', '"psk" : ', "psk='", "<psk>", "<psk ", "a.-"]) {
    const text = piece.repeat(250_000 / piece.length);
    removeSecretFields(text);
  }
  assert.ok(performance.now() - began < 5_000);
});

test("what is sealed opens in its own place of its own request only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (secret, instance) => {
      const data = { connection: { properties: { vpnLinkConnections: [{ properties: { sharedKey: secret } }] } } };
      const sealed = sealSecrets(data, instance, ring) as typeof data;
      assert.deepEqual(openSecrets(sealed, [], instance, ring), data);
      const found = collectSealed(sealed.connection, ["connection"]);
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

/** A request's data with a key of the connection. */
const withKey = (sharedKey: unknown) => ({ connection: { properties: { sharedKey } } });
const place = "/connection/properties/sharedKey";

test("the first key seals, all open; a key that left the ring is named", () => {
  const [sealed] = Object.values(collectSealed(sealSecrets(withKey("s"), "i", ring), []));
  assert.match(String(sealed), /^k2\./);
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.equal(openSealed(String(sealed), "i", place, rotated), "s");
  assert.throws(() => openSealed(String(sealed), "i", place, new Map([["k3", randomBytes(32)]])), /no key "k2"/);
});

test("whatever stands in a secret's place, no value of it stays", () => {
  for (const [given, kept] of [
    [12345678, { unsealable: "number" }],
    [{ sealed: "k1.forged" }, { unsealable: "object" }],
    [["x"], { unsealable: "array" }],
    [null, { unsealable: "null" }],
    [{ keyVaultSecretUri: "https://v" }, { keyVaultSecretUri: "https://v" }],
    [{ keyVaultSecretUri: "no:address" }, { keyVaultSecretUri: { unsealable: "string" } }],
    [{ keyVaultSecretUri: ["https://v"] }, { keyVaultSecretUri: { unsealable: "object" } }],
  ])
    assert.deepEqual(sealSecrets(withKey(given), "i", ring), withKey(kept));
  assert.ok(!isSealed({ unsealable: "x" }));
});

test("a secret is sealed where the contract has one, and nowhere else; elsewhere its type is left", () => {
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

test("one message takes five of a sealing key's random numbers at most", () => {
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

test("keys of the ring are separated by use, and derived once for each ring", () => {
  const uses: readonly KeyUse[] = ["seal", "payload", "key", "source", "ids"];
  const made = uses.map((use) => Buffer.from(deriveKeys(use, ring).get("k1") ?? []).toString("hex"));
  assert.equal(new Set([...made, Buffer.from(ring.get("k1") ?? []).toString("hex")]).size, uses.length + 1);
  assert.ok(made.every((key) => key.length === 64));
  for (const use of uses) assert.equal(deriveKeys(use, ring), deriveKeys(use, ring));
  const prints = (["payload", "key", "source", "ids"] as const).map((use) => fingerprintsOf(use, "the same text", ring)[0]);
  assert.equal(new Set(prints).size, prints.length);
});

test("a payload is recognised as long as one of the keys that were there is still there", () => {
  const prints = fingerprintsOf("payload", "payload", ring);
  assert.ok(prints.every((print) => /^[a-z0-9]+\.[\w-]{43}$/.test(print)));
  assert.deepEqual(
    prints.map((print) => print.split(".")[0]),
    [...ring.keys()],
  );
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.ok(isSamePayload(fingerprintsOf("payload", "payload", rotated), prints));
  assert.ok(!isSamePayload(fingerprintsOf("payload", "payloae", rotated), prints));
  assert.ok(
    !isSamePayload(fingerprintsOf("payload", "payload", new Map([["k3", randomBytes(32)]])), prints),
    "no key in common: nothing can be said",
  );
});
