import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import fc from "fast-check";
import { changeProperties, messageOf, messagesOf } from "../../../local/service-bus/message.ts";
import { encodeMessage } from "../../../local/service-bus/message-encoding.ts";

// Messages between wire and store, judged by the library that clients read them with.

const { message: codec } = createRequire(import.meta.url)("rhea") as typeof import("rhea");
type Decoded = Record<string, unknown>;
const decode = (bytes: Buffer) => codec.decode(bytes) as unknown as Decoded;

const text = fc.string({ maxLength: 12 });
/** The library that judges cannot read a property of this name. */
const name = text.filter((drawn) => drawn !== "__proto__");
const value = fc.oneof(text, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.boolean());
const messages = fc.record(
  {
    message_id: text,
    group_id: text,
    subject: text,
    to: text,
    durable: fc.boolean(),
    priority: fc.nat(9),
    ttl: fc.integer({ min: 1, max: 0xffffffff }),
    message_annotations: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), value, { maxKeys: 3 }),
    application_properties: fc.dictionary(name, value, { maxKeys: 4 }),
    body: fc.oneof(
      text,
      fc.uint8Array({ maxLength: 400 }).map((bytes) => codec.data_section(Buffer.from(bytes))),
    ),
  },
  { requiredKeys: ["body"] },
);
const sections = ["subject", "to", "group_id", "durable", "priority", "body"];
/** Names with null in them are decoded with no prototype. */
const plain = (given: unknown) => JSON.parse(JSON.stringify(given ?? {}));

test("every message is delivered as it came, with the broker's own header and annotations", () => {
  fc.assert(
    fc.property(messages, fc.nat(2 ** 40), fc.nat(50), (given, number, deliveryCount) => {
      const wire = Buffer.from(codec.encode(given as never) as unknown as Buffer);
      const kept = { ...messageOf(wire), sequenceNumber: number, enqueuedAt: 1_700_000_000_000, deliveryCount };
      const [sent, delivered] = [decode(wire), decode(encodeMessage(kept, 1_700_000_060_000))];
      for (const section of sections) assert.deepEqual(delivered[section], sent[section], section);
      assert.deepEqual(plain(delivered["application_properties"]), plain(sent["application_properties"]));
      assert.equal(delivered["delivery_count"] ?? 0, deliveryCount);
      if (sent["message_id"] === undefined) assert.match(String(delivered["message_id"]), /^[0-9a-f]{32}$/);
      else assert.equal(delivered["message_id"], sent["message_id"]);
      const annotations = delivered["message_annotations"] as Decoded;
      for (const [name, annotation] of Object.entries((sent["message_annotations"] ?? {}) as Decoded))
        assert.deepEqual(annotations[name], annotation);
      const longOf = (long: unknown) => (Buffer.isBuffer(long) ? Number(long.readBigInt64BE()) : Number(long));
      assert.equal(longOf(annotations["x-opt-sequence-number"]), number);
      assert.equal(Number(annotations["x-opt-enqueued-time"]), 1_700_000_000_000);
      assert.equal(Number(annotations["x-opt-locked-until"]), 1_700_000_060_000);
      // What a store keeps of it is the same message again.
      assert.ok(messageOf(encodeMessage(kept)).content.equals(kept.content));
    }),
  );
});

test("changed application properties are those that were there with the changes over them", () => {
  fc.assert(
    fc.property(messages, fc.dictionary(name, value, { maxKeys: 3 }), (given, changes) => {
      const message = messageOf(Buffer.from(codec.encode(given as never) as unknown as Buffer));
      changeProperties(message, changes);
      const delivered = decode(encodeMessage(message));
      assert.deepEqual(plain(delivered["application_properties"]), plain({ ...given.application_properties, ...changes }));
      assert.deepEqual(delivered["subject"], given.subject);
    }),
    { examples: [[{ body: "", application_properties: { valueOf: 0 } }, { other: 1 }]] },
  );
});

test("a batch is the messages that it was made of", () => {
  fc.assert(
    fc.property(fc.array(messages, { minLength: 1, maxLength: 5 }), (given) => {
      const parts = given.map((each) => Buffer.from(codec.encode(each as never) as unknown as Buffer));
      const batch = Buffer.from(
        codec.encode({ subject: "of the first", body: codec.data_sections(parts as never) } as never) as unknown as Buffer,
      );
      const taken = messagesOf(batch, 0x80013700);
      assert.deepEqual(
        taken.map((message) => decode(encodeMessage(message))["subject"]),
        given.map(({ subject }) => subject),
      );
    }),
  );
});

test("any bytes are a message or are refused as none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, batch) => {
      try {
        messagesOf(Buffer.from(bytes), batch ? 0x80013700 : 0);
      } catch (error) {
        assert.equal((error as { condition?: string }).condition, "amqp:decode-error");
      }
    }),
    { numRuns: 2_000 },
  );
});
