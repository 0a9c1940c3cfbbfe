import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonError, parseExactly, parseJson } from "../../shared/json.ts";

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
  ["half a document", '{"a": ', /not valid JSON/],
  ["a comment", '{"a": 1 /* b */}', /not valid JSON/],
  ["a duplicate key", '{"a": {"b": 1, "c": [], "b": 2}}', /the key "b" twice in one object, at position/],
  ["an escaped duplicate key", '{"a": 1, "\\u0061": 2}', /the key "a" twice/],
  ["33 levels", "[".repeat(33) + "]".repeat(33), /more than 32 levels/],
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
