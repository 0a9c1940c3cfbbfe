import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonError, parseExactly, parseJson } from "../../../shared/json/parse.ts";

const parse = (text: string) => parseJson(Buffer.from(text)).value;

test("what JSON.parse reads is read the same, unless it is refused for a reason", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => assert.deepEqual(parse(text), JSON.parse(text))),
    { numRuns: 500 },
  );
});

test("any bytes are either read or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseJson(bytes);
      } catch (error) {
        assert.ok(error instanceof JsonError);
      }
    }),
    { numRuns: 500 },
  );
});

const refused: readonly (readonly [name: string, text: string | Buffer, says: RegExp])[] = [
  ["nothing", "", /is empty/],
  ["white space", " \n", /is empty/],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), /not valid UTF-8/],
  ["half a document", '{"a": ', /^Not valid JSON/],
  ["a comment", '{"a": 1 /* b */}', /^Not valid JSON/],
  ["a duplicate key", '{"a": {"b": 1, "c": [], "b": 2}}', /^The property "b" appears twice in one object, at line 1, column 25\.$/],
  ["an escaped duplicate key", '{"a": 1, "\\u0061": 2}', /property "a" appears twice/],
  ["33 levels", "[".repeat(33) + "]".repeat(33), /more than 32 levels/],
  ["257 KB", " ".repeat(257 * 1024), /^The body has 263168 bytes\. At most 262144 are allowed\.$/],
  ["50,001 values", `[${Array(4).fill(`[${Array(12_500).fill(0)}]`)}]`, /more than 50000 values, at line 1, column 99999\.$/],
  ["20,001 items", `{"a":[${Array(20_001).fill("{}")}]}`, /an array of more than 20000 items, at line 1, column 60007\.$/],
  ["a name of 1,025 characters", `{"${"n".repeat(1025)}": 1}`, /a property name of more than 1024 characters, at line 1, column 2\.$/],
  ["a text of 32,769 characters", `["", "${"secret".repeat(5462)}"]`, /a string of more than 32768 characters, at line 1, column 6\.$/],
  ["too much in what is no JSON", `{"a": [${Array(20_001).fill("1")}`, /^Not valid JSON/],
  ["unbalanced brackets without end", "[}".repeat(100_000), /^Not valid JSON: line 1, column 2: /],
  ["100,000 levels and no end", "[".repeat(100_000), /more than 32 levels/],
  ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), /more than 32 levels/],
];
for (const [name, text, says] of refused)
  test(`refused: ${name}`, () =>
    assert.throws(
      () => parseJson(Buffer.from(text)),
      (error) => error instanceof JsonError && says.test(error.message),
    ));

test("32 levels, equal keys in different objects, and dangerous names are plain data", () => {
  parse("[".repeat(32) + "]".repeat(32));
  assert.deepEqual(parse('[{"a":1},{"a":{"a":2}}]'), [{ a: 1 }, { a: { a: 2 } }]);
  const value = parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.ok(!("polluted" in {}));
});

test("what keeps every bound by a hair is read", () => {
  const { value } = parseJson(Buffer.from(`{"${"n".repeat(1024)}": "${"t".repeat(32_768)}"${" ".repeat(262_144 - 1024 - 32_768 - 8)}}`));
  assert.equal(Object.values(value as object)[0].length, 32_768);
  parse(`[${Array(20_000).fill("{}")}]`);
  parse(`[${Array(4).fill(`[${Array(12_498).fill(0)}]`)},1,2,3]`);
});

test("an error never quotes the text", () => {
  assert.throws(
    () => parse('{"sharedKey": "very-secret-key" oops}'),
    (error) => error instanceof Error && !error.message.includes("secret"),
  );
});

test("numbers survive digit for digit", () => {
  const numeric = fc
    .tuple(fc.bigInt(), fc.option(fc.nat(10 ** 9)), fc.option(fc.integer({ min: -300, max: 300 })))
    .map(([whole, fraction, exponent]) => `${whole}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`);
  fc.assert(
    fc.property(numeric, (number) => assert.equal(JSON.stringify(parseExactly(`{"n":[${number}]}`)), `{"n":[${number}]}`)),
    { numRuns: 500 },
  );
});
