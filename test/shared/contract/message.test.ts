import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readMessage } from "../../../shared/contract/message.ts";

const message = (body: string | Uint8Array, more: object = {}) => ({
  body: Buffer.from(body as string),
  messageId: "m-1",
  messageIdIsExact: true,
  contentType: undefined,
  applicationProperties: {},
  queue: "q",
  ...more,
});
const traceparent = "00-b1f67c032f0919c3a350b6d7907f0572-77bbe03cfe7a5ecd-01";
const envelope = { specversion: "1.0", type: "t.v1", id: "id-1", source: "/s" };
const read = (body: unknown, more: object = {}) => readMessage(message(JSON.stringify(body), more));

test("structured: by content type or by specversion", () => {
  const expected = { id: "id-1", source: "/s", type: "t.v1", traceparent: null, data: { a: 1 }, ticket: null };
  assert.deepEqual(read({ ...envelope, data: { a: 1 } }), expected);
  assert.deepEqual(read({ ...envelope, data: { a: 1 } }, { contentType: "application/cloudevents+json; charset=utf-8" }), expected);
});

test("the ticket is cut out as text", () => {
  const text = '{"specversion":"1.0","type":"t","id":"i","source":"s","data":{"ticket": {"n": 1.0 , "big":12345678901234567890},"x":1}}';
  const result = readMessage(message(text));
  assert.ok(!("unreadable" in result));
  assert.equal(result.ticket, '{"n": 1.0 , "big":12345678901234567890}');
  assert.deepEqual(result.data, { x: 1 });
});

for (const prefix of ["cloudEvents_", "cloudEvents:", "CloudEvents_"]) {
  test(`binary: ${prefix}, a version that arrives as a number too, because it can only be one`, () => {
    const applicationProperties = {
      [`${prefix}specversion`]: 1,
      [`${prefix}id`]: "7",
      [`${prefix}source`]: "/s",
      [`${prefix}type`]: "t",
      [`${prefix}traceparent`]: traceparent,
      other: "x",
    };
    assert.deepEqual(read({ a: 1 }, { applicationProperties, contentType: "application/json" }), {
      id: "7",
      source: "/s",
      type: "t",
      traceparent,
      data: { a: 1 },
      ticket: null,
    });
  });
}

test("bare: the message id is the id", () => {
  assert.deepEqual(read({ a: 1, ticket: { t: 1 } }), {
    id: "m-1",
    source: "/service-bus/q",
    type: null,
    traceparent: null,
    data: { a: 1 },
    ticket: '{"t":1}',
  });
});

const unreadable: readonly (readonly [name: string, body: unknown, target: string, id?: string])[] = [
  ["an array", [], ""],
  ["another specversion", { ...envelope, specversion: "0.3" }, "/specversion", "id-1"],
  ["no id", { ...envelope, id: undefined }, "/id"],
  ["an id that is a number", { ...envelope, id: 7 }, "/id"],
  ["an empty source", { ...envelope, source: "" }, "/source"],
  ["an id with a line feed", { ...envelope, id: "a\nb" }, "/id"],
  ["an id of 129 characters", { ...envelope, id: "x".repeat(129) }, "/id"],
  ["no type", { ...envelope, type: undefined }, "/type", "id-1"],
  ["a subject of 2,049 characters", { ...envelope, subject: "s".repeat(2049) }, "/subject", "id-1"],
  ["a type of 2,049 characters", { ...envelope, type: "t".repeat(2049) }, "/type", "id-1"],
  ["too many values", { ...envelope, data: { a: Array(20_001).fill(1) } }, "", "id-1"],
  ["an attribute with a capital letter", { ...envelope, Priority: 1 }, "/Priority", "id-1"],
  ["an attribute that is an object", { ...envelope, priority: {} }, "/priority", "id-1"],
];
for (const [name, body, target, id] of unreadable) {
  test(`unreadable: ${name}`, () => {
    const result = read(body);
    assert.ok("unreadable" in result);
    assert.equal(result.target, target);
    assert.equal(result.id, id);
  });
}

test("a bare body whose message id is not known exactly is refused with advice; an event names itself", () => {
  const result = read({ a: 1 }, { messageId: "12345678901234567000", messageIdIsExact: false });
  assert.ok("unreadable" in result && result.target === "");
  assert.equal(result.unreadable, "messageId must be a string that is not a number or other JSON, for example a UUID.");
  assert.ok(!("unreadable" in read({ ...envelope, data: {} }, { messageIdIsExact: false })));
});

for (const id of [7, 1000, 2 ** 53, 2 ** 60, 1.5, true, null, {}]) {
  test(`binary: an id that arrives as ${JSON.stringify(id)} is refused, because it cannot be what was sent`, () => {
    const applicationProperties = { cloudEvents_specversion: "1.0", cloudEvents_type: "t", cloudEvents_source: "/s", cloudEvents_id: id };
    const result = read({ a: 1 }, { applicationProperties });
    assert.ok("unreadable" in result && result.target === "/id");
  });
}

for (const name of ["subject", "time", "datacontenttype", "dataschema", "traceparent", "tracestate", "type"]) {
  test(`the attribute ${name} is text`, () => {
    const result = read({ ...envelope, data: {}, [name]: 7 });
    assert.ok("unreadable" in result && result.target === `/${name}` && result.id === "id-1");
  });
}

test("ids that look like numbers survive exactly where they are text", () => {
  for (const id of ["12345678901234567890", "0012", "1e3", "-0", "null", "true", " 7 "]) {
    const result = read({ ...envelope, id, data: {} });
    assert.ok(!("unreadable" in result) && result.id === id, id);
  }
});

for (const other of [
  "x".repeat(30_000),
  "",
  "00-a",
  traceparent.toUpperCase(),
  `${traceparent}-more`,
  traceparent.replace("00-", "ff-"),
  "00-00000000000000000000000000000000-77bbe03cfe7a5ecd-01",
  "00-b1f67c032f0919c3a350b6d7907f0572-0000000000000000-01",
])
  test(`a traceparent of another form is not taken: ${other.slice(0, 60)}`, () => {
    for (const result of [
      read({ ...envelope, traceparent: other, data: {} }),
      read(
        {},
        {
          applicationProperties: {
            cloudEvents_specversion: "1.0",
            cloudEvents_id: "1",
            cloudEvents_source: "/s",
            cloudEvents_type: "t",
            cloudEvents_traceparent: other,
          },
        },
      ),
    ])
      assert.ok(!("unreadable" in result) && result.traceparent === null);
  });

for (const messageId of ["", "x".repeat(129), "a\nb"])
  test(`a bare body under the message id ${JSON.stringify(messageId.slice(0, 5))} is unreadable; an event names itself`, () => {
    const result = read({ a: 1 }, { messageId });
    assert.ok("unreadable" in result && result.target === "");
    assert.ok(!("unreadable" in read({ ...envelope, data: {} }, { messageId })));
  });

test("a body above 256 KB is not even looked at", () => {
  const result = readMessage(message(new Uint8Array(100_000_000)));
  assert.ok("unreadable" in result);
  assert.match(result.unreadable, /has 100000000 bytes\. At most 262144 are allowed/);
});

test("a duplicate key is unreadable, and answered under the id the message names", () => {
  const result = readMessage(message('{"specversion":"1.0","type":"t","id":"i","source":"s","data":{"a":1,"a":2}}'));
  assert.ok("unreadable" in result);
  assert.deepEqual([result.id, result.source], ["i", "s"]);
});

test("whatever arrives is read or unreadable, never an exception", () => {
  const bodies = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    fc.object().map((value) => Buffer.from(JSON.stringify({ ...envelope, data: value }))),
  );
  const properties = fc.dictionary(
    fc.constantFrom("cloudEvents_id", "cloudEvents:source", "cloudEvents_specversion", "x"),
    fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
  );
  fc.assert(
    fc.property(bodies, properties, (body, applicationProperties) => {
      const result = readMessage(message(body, { applicationProperties }));
      assert.ok("unreadable" in result ? result.unreadable.length > 0 : result.id.length > 0);
    }),
    { numRuns: 500 },
  );
});
