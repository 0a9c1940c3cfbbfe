import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "../../../shared/contract/message.ts";
import { messageBounds } from "../../../shared/json/bounds.ts";

// A body that is one JSON string with the request in it, as the JavaScript client of Service Bus
// makes of `body: JSON.stringify(event)`.

const read = (body: string | Uint8Array, more: object = {}) =>
  readMessage({
    body: Buffer.from(body as string),
    messageId: "m-1",
    messageIdIsExact: true,
    contentType: undefined,
    applicationProperties: {},
    queue: "q",
    ...more,
  });
/** What the client makes of a text. */
const quoted = (text: string) => JSON.stringify(text);
const event =
  '{"specversion":"1.0","type":"t.v1","id":"id-1","source":"/s","data":{"city":"Zürich 🌉","ticket":{"n": 12345678901234567890}}}';
const attributes = { cloudEvents_specversion: "1.0", cloudEvents_id: "7", cloudEvents_source: "/s", cloudEvents_type: "t" };
const structured = { contentType: "application/cloudevents+json" };

const alike: readonly (readonly [name: string, text: string, more?: object])[] = [
  ["structured, by specversion", event],
  ["structured, by content type", event, structured],
  ["binary", '{"a":1,"ticket":{"b":2}}', { applicationProperties: attributes }],
  ["bare", '{"a":1,"ticket":{"b":2}}'],
  ["with white space around it", `\r\n\t ${event} \n`],
  ["larger than any text inside a request may be", JSON.stringify({ a: Array.from({ length: 4_000 }, (_, index) => `value ${index}`) })],
];
for (const [name, text, more] of alike) {
  test(`${name}: a string body is read as the text in it`, () => {
    const plain = read(text, more);
    assert.ok(!("unreadable" in plain), JSON.stringify(plain));
    assert.deepEqual(read(quoted(text), more), plain);
    assert.deepEqual(read(` \n${quoted(text)} `, more), plain);
  });
}

const faults: readonly (readonly [name: string, text: string])[] = [
  ["a property name twice", '{"a":1,"a":2}'],
  ["too deep", `${'{"a":'.repeat(messageBounds.depth + 1)}1${"}".repeat(messageBounds.depth + 1)}`],
  ["too many items", `{"a":[${"1,".repeat(messageBounds.items)}1]}`],
  ["too long a text", JSON.stringify({ a: "x".repeat(messageBounds.textLength + 1) })],
  ["too long a name", JSON.stringify({ ["x".repeat(messageBounds.nameLength + 1)]: 1 })],
  ["a comma before the closing brace", '{\n  "a": 1,\n}'],
  ["an end that comes too early", '{"specversion":"1.0"'],
  ["an unknown attribute", event.replace('"type"', '"typ"')],
];
for (const [name, text] of faults) {
  test(`${name}: judged on the text in the string, with places in that text`, () => {
    const plain = read(text);
    assert.ok("unreadable" in plain);
    assert.deepEqual(read(quoted(text)), plain);
  });
}

const refused: readonly (readonly [name: string, body: string | Uint8Array])[] = [
  ["a string in a string", quoted(quoted(event))],
  ["a string with an array in it", quoted("[1]")],
  ["a string with words in it", quoted("connect the branch, please")],
  ["an empty string", '""'],
  ["a string without its end", quoted(event).slice(0, -1)],
  ["something after the string", `${quoted(event)} 1`],
  ["bytes that are not UTF-8", Buffer.from([0x22, 0x7b, 0xff, 0x7d, 0x22])],
  ["half a character, which bytes would replace", String.raw`"{\"a\":\"\ud800\"}"`],
  ["a string with more bytes than a body may have", quoted(JSON.stringify({ a: '"'.repeat(messageBounds.bytes / 4) }))],
];
for (const [name, body] of refused) {
  test(`${name} is unreadable`, () => assert.ok("unreadable" in read(body)));
}
