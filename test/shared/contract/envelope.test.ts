import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readMessage } from "../../../shared/contract/message.ts";

// The envelope of an event, by the JSON format and the AMQP binding of CloudEvents 1.0.2.

const required = { specversion: "1.0", type: "t.v1", id: "id-1", source: "/s" };
const data = { a: 1, ticket: { n: "12345678901234567890" } };
const read = (body: unknown, applicationProperties: Readonly<Record<string, unknown>> = {}) =>
  readMessage({
    body: Buffer.from(JSON.stringify(body)),
    messageId: "m-1",
    messageIdIsExact: true,
    contentType: undefined,
    applicationProperties,
    queue: "q",
  });
const binary = (attributes: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`cloudEvents_${name}`, value]));
const plain = read({ ...required, data });

const accepted: readonly (readonly [name: string, attributes: object])[] = [
  ["attributes that are null", { subject: null, time: null, dataschema: null, traceparent: null, tracestate: null }],
  ["what Dapr adds", { pubsubname: "requests", topic: "vpn", traceid: "00-1", tracestate: "", expiration: "2026-01-01T00:00:00Z" }],
  ["extensions of every type", { correlationid: "CHG0041", sequence: 7, sampled: true, comexampleextension: null }],
  ["a name of 20 characters and more", { averyveryverylongattributename: "x" }],
];
for (const [name, attributes] of accepted) {
  test(`accepted, structured and binary alike: ${name}`, () => {
    assert.deepEqual(read({ ...required, ...attributes, data }), plain);
    assert.deepEqual(read(data, binary({ ...required, ...attributes })), plain);
  });
}

test("a binary attribute that the app does not read may have arrived as a number", () => {
  assert.deepEqual(read(data, binary({ ...required, subject: 42, time: 2026, dataschema: true })), plain);
});

test("a required attribute that is null is missing", () => {
  for (const name of ["type", "id", "source", "specversion"]) {
    const result = read({ ...required, [name]: null, data });
    assert.ok("unreadable" in result && result.target === `/${name}`, name);
  }
});

const refused: readonly (readonly [name: string, attributes: object, target: string, says: RegExp])[] = [
  ["a known name in capitals", { dataContentType: "application/json" }, "/dataContentType", /Write datacontenttype\.$/],
  ["a field of the request", { deadline_minutes: 5 }, "/deadline_minutes", /Put fields of the request into data\.$/],
  ["a plan in the wrong place", { mode: "plan" }, "/mode", /^mode is not an attribute of an event\. Put it into data\.$/],
  ["a list", { tags: ["a"] }, "/tags", /^tags must be a string, a number or a boolean\./],
  ["a long value", { note: "x".repeat(2_049) }, "/note", /^note has 2049 characters\. At most 2048 are allowed\.$/],
  ["data twice", { data_base64: "e30=" }, "/data_base64", /^An event has data or data_base64, not both\.$/],
];
for (const [name, attributes, target, says] of refused) {
  test(`refused with its place: ${name}`, () => {
    const result = read({ ...required, ...attributes, data });
    assert.ok("unreadable" in result);
    assert.equal(result.target, target);
    assert.match(result.unreadable, says);
    assert.equal(result.id, "id-1");
  });
}

test("data_base64 is the data, its ticket digit for digit", () => {
  const text = '{"a":1,"ticket":{"n":12345678901234567890}}';
  const result = read({ ...required, data_base64: Buffer.from(text).toString("base64"), data: null });
  assert.deepEqual(result, { ...plain, ticket: '{"n":12345678901234567890}' });
  for (const wrong of ["?", "e30", "e30=e30=", 7, Buffer.from("{").toString("base64"), Buffer.from('{"a":1,"a":2}').toString("base64")]) {
    const refusal = read({ ...required, data_base64: wrong });
    assert.ok("unreadable" in refusal && refusal.target === "/data_base64" && refusal.id === "id-1", String(wrong));
  }
});

test("the same event reads alike in structured and binary mode", () => {
  const name = fc.oneof(fc.constantFrom("subject", "time", "tracestate", "Subject", "x_y"), fc.stringMatching(/^[a-z0-9]{1,20}$/));
  const value = fc.oneof(fc.string(), fc.constant(null), fc.constant("x".repeat(2_049)));
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (attributes) => {
      delete attributes["data"];
      const [structured, inProperties] = [read({ ...attributes, ...required, data }), read(data, binary({ ...attributes, ...required }))];
      assert.deepEqual(structured, inProperties);
    }),
    { numRuns: 500 },
  );
});
