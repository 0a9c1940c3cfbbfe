import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { requestDataSchema } from "../../../shared/contract/request.ts";
import { isSecretField, removeSecretFields, suggestsSecret } from "../../../shared/secrets/redaction.ts";

test("secret fields are found by their names, in any case and with any separators", () => {
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

test("names that may mean a secret suggest one; of the contract's names only those of the key do", () => {
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
  // The second is only allowed inside the first.
  assert.deepEqual([...names].filter(suggestsSecret), ["sharedKey", "keyVaultSecretUri"]);
});

test("secret fields are removed at any depth, and nothing else", () => {
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

test("no text makes the search for quoted fields slow", () => {
  const began = performance.now();
  for (const piece of ["\\", '"psk":"', '\\"psk":\\"', '"psk":}', '"psk" : ', "psk='", "<psk>", "<psk ", "a.-"]) {
    const text = piece.repeat(250_000 / piece.length);
    removeSecretFields(text);
  }
  assert.ok(performance.now() - began < 5_000);
});
