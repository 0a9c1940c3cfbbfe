import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ArmError } from "../../../shared/contract/problem.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";
import { keyFinderOf } from "../../../shared/secrets/key-spellings.ts";
import { newMark } from "../../support/marks.ts";
import { disguises, everySpellingOf, spellings } from "../../support/spellings.ts";

const removed = "[text removed: it contained the pre-shared key]";
const allSpellings = { ...spellings, ...disguises };

/** Printable ASCII, the awkward signs often. */
const sign = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(..."\"\\'<>&%+/=; "),
);
const anyKey = fc.oneof(
  fc.string({ unit: sign, minLength: 1, maxLength: 40 }),
  fc.constantFrom("a", "1", "Succeeded", "connection", "message", "vpnLinkConnections", "AnotherOperation", "true"),
);

const errorOf = (text: string): ArmError => ({
  status: 400,
  code: "InvalidRequestContent",
  message: `The value ${text} is not valid.`,
  details: [{ code: "Inner", message: text, target: text }, { [text]: [text, { value: text }] }],
  target: text,
  innererror: { code: `Bad ${text}`, innererror: { message: text } },
  additionalInfo: [{ type: text, info: { [`x${text}`]: text } }],
});

/** All texts and names of an error, but codes that are plain words and the names that errors have. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(Array.isArray(value) || /^(code|message|details|target|innererror|additionalInfo|type|info|value|status)$/.test(name)
      ? []
      : [name]),
    ...(name === "code" && /^[A-Za-z]+$/.test(String(item)) ? [] : textsOf(item)),
  ]);
}

for (const [name, spell] of Object.entries(allSpellings)) {
  test(`an error text with any key written as ${name} is replaced as a whole`, () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const spelt = spell(key);
        for (const text of textsOf(keyFilterOf([key]).error(errorOf(spelt))))
          assert.ok([removed, "[redacted]"].includes(text), `${JSON.stringify(key)} in ${JSON.stringify(text)}`);
      }),
      { numRuns: 100 },
    );
  });
}

test("a key is found in spellings of spellings", () => {
  const signs = fc.string({ maxLength: 12, unit: fc.constantFrom(..."\"\\/%+&<>'= ;#?{}`!~()*ab1") });
  const nested = fc.array(fc.constantFrom(...Object.values(spellings)), { maxLength: 3 });
  fc.assert(
    fc.property(signs, nested, fc.string(), (between, spelt, around) => {
      const key = `${newMark()}${between}${newMark()}`;
      const text = spelt.reduce((written, spell) => spell(written), key);
      assert.ok(keyFinderOf([key])(`${around} ${text}`), text);
    }),
    { numRuns: 2_000 },
  );
  const key = `a"b\\c/d+e&f g${"é"}`;
  for (const text of everySpellingOf(key)) assert.ok(keyFinderOf([key])(`this ${text} is found`), text);
});

test("a text that does not contain the key is left", () => {
  const text = "Another operation is in progress on https://arm.example/operations/1?t=%2B&c=MIIE. Retry after 10 seconds (0x80070005).";
  for (const key of ["L0ng-Enough-Key-42", "Zq7!xyz", "q!", "operations1"]) assert.equal(keyFilterOf([key]).text(text), text);
  assert.deepEqual(keyFilterOf([]).error(errorOf("k")), errorOf("k"));
});

test("a long key that is cut short is found by either end", () => {
  const filter = keyFilterOf(["L0ng-Enough-Key-42"]);
  assert.equal(filter.text("Value 'L0ng-Enough-Key…' is too short"), removed);
  assert.equal(filter.text("Value '…nough-Key-42' is too short"), removed);
});

test("what Azure says is kept word for word, fields of secrets left out, also when no key is known", () => {
  const error = {
    status: 400,
    code: "Bad",
    message: 'bad {"psk":"abc"}',
    details: [{ code: "Inner", info: { sharedKey: "abc", name: "n" } }],
  };
  const cleaned = { ...error, message: 'bad {"psk":"[redacted]"}', details: [{ code: "Inner", info: { name: "n" } }] };
  for (const keys of [[], ["another-key"]]) assert.deepEqual(keyFilterOf(keys).error(error), cleaned);
});

test("a key with quotes is found before a field is cut out by its name, so that no half of it is left", () => {
  for (const key of ["ab' cd", `mark1"' = ;mark2-and-more`, `a" , b`]) {
    for (const text of [`sharedKey='${key}' is bad`, `{"sharedKey":"${key}"} is bad`, `<psk>${key}</psk>`]) {
      const { message } = keyFilterOf([key]).error({ status: 400, code: null, message: text, details: [] });
      assert.equal(message, removed);
      assert.deepEqual(keyFilterOf([`${key}-a-long-key`]).resource({ a: text.replace(key, `${key}-a-long-key`) }), { a: "[redacted]" });
    }
  }
});

test("codes that are words are left, whatever the key; a code with a long key is not", () => {
  const code = (key: string, word: string) => keyFilterOf([key]).error({ status: 409, code: word, message: null, details: [] }).code;
  for (const key of ["a", "1", "Another"]) assert.equal(code(key, "AnotherOperation"), "AnotherOperation");
  assert.equal(code("a-long-secret", "BadA-Long-Secret"), "[redacted]");
  assert.equal(code("LongSecret", "BadLongSecret"), "[redacted]");
  assert.equal(code("q!", "Bad q!"), "[redacted]");
});

const resource = {
  name: "connection",
  id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/vpnGateways/g/vpnConnections/connection",
  type: "Microsoft.Network/vpnGateways/vpnConnections",
  etag: 'W/"1"',
  properties: {
    provisioningState: "Succeeded",
    connectionStatus: "Connected",
    routingWeight: 1,
    enableBgp: true,
    routingConfiguration: { propagatedRouteTables: { labels: ["connection", "default"], ids: [] } },
    vpnLinkConnections: [{ name: "a", properties: { vpnConnectionProtocolType: "IKEv2", ipsecPolicies: [{ dhGroup: "DHGroup14" }] } }],
  },
};

test("a resource is left whole if a key is a word of it, a name, a part of an id or a number", () => {
  const words = "a 1 Succeeded connection Connected IKEv2 DHGroup14 default vpnLinkConnections properties vpnConnections resourceGroups";
  for (const key of words.split(" ")) assert.deepEqual(keyFilterOf([key]).resource(resource), resource, key);
});

test("of a resource, values that are a key or contain one of eight characters lose it", () => {
  const echo = (text: string) => ({ ...resource, future: text, list: [text], properties: { ...resource.properties, ike: text } });
  fc.assert(
    fc.property(anyKey, (key) => {
      if (["Succeeded", "connection"].includes(key)) return;
      assert.deepEqual(keyFilterOf([key]).resource(echo(key)), echo("[redacted]"));
    }),
    { numRuns: 500 },
  );
  const key = "L0ng \"Enough\\Key'42";
  for (const [name, spell] of Object.entries(allSpellings))
    assert.deepEqual(keyFilterOf([key]).resource(echo(`in ${spell(key)} it`)), echo("[redacted]"), name);
  assert.deepEqual(keyFilterOf([key]).resource({ [key]: 1, [`x${key}`]: 2, n: 3 }), { "[redacted]": 2, n: 3 });
  assert.deepEqual(keyFilterOf(["short"]).resource(echo("in short")), echo("in short"));
});

test("the bytes of a key as a list of numbers, and a key of digits as a number, are removed", () => {
  const bytes = [...Buffer.from("L0ng-Enough-Key-42")];
  assert.deepEqual(keyFilterOf(["L0ng-Enough-Key-42"]).resource({ bytes, n: [1, 2] }), { bytes: "[redacted]", n: [1, 2] });
  assert.deepEqual(keyFilterOf(["12345678"]).resource({ n: 12345678 }), { n: "[redacted]" });
  const error = keyFilterOf(["123"]).error({ status: 123, code: null, message: null, details: [123, { value: 41230 }, 7] });
  assert.deepEqual(error, { status: 123, code: null, message: null, details: [removed, { value: removed }, 7] });
});

test("a search ends soon, whatever the text, and what is too much is removed", () => {
  const filter = keyFilterOf(["a-long-secret", "Zq7!"]);
  for (const piece of ["\\", "%25", "&amp;", "&#37;25", "%", "A", "0x", "1,", "\\u", "a b", "&#0", '\\"', "\u200b"]) {
    const began = performance.now();
    const text = piece.repeat(Math.floor(65_536 / piece.length));
    filter.text(text);
    assert.equal(filter.text(`${text} and more`), removed);
    assert.ok(performance.now() - began < 1_000, `${JSON.stringify(piece)}: ${performance.now() - began} ms`);
  }
  const began = performance.now();
  const { details } = filter.error({ status: 400, code: null, message: null, details: Array.from({ length: 100_000 }, () => "some text") });
  assert.deepEqual([details[0], details.at(-1)], ["some text", removed]);
  let deep: unknown = "the end";
  for (let depth = 0; depth < 40; depth++) deep = { value: deep };
  assert.ok(!JSON.stringify(filter.error({ status: 400, code: null, message: null, details: [deep] })).includes("the end"));
  assert.ok(performance.now() - began < 2_000);
});
