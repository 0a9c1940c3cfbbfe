import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { isSamePayload } from "../../../shared/durable/claim.ts";
import { deriveKeys, fingerprintsOf, type KeyUse } from "../../../shared/secrets/key-ring.ts";

const ring = new Map([
  ["k2", randomBytes(32)],
  ["k1", randomBytes(32)],
]);

test("each purpose has other keys, and they are derived once for each ring", () => {
  const uses: readonly KeyUse[] = ["seal", "payload", "key", "source", "ids"];
  const made = uses.map((use) => deriveKeys(use, ring).get("k1")?.export().toString("hex"));
  assert.equal(new Set([...made, Buffer.from(ring.get("k1") ?? []).toString("hex")]).size, uses.length + 1);
  assert.ok(made.every((key) => key?.length === 64));
  for (const use of uses) assert.equal(deriveKeys(use, ring), deriveKeys(use, ring));
  const prints = (["payload", "key", "source", "ids"] as const).map((use) => fingerprintsOf(use, "the same text", ring)[0]);
  assert.equal(new Set(prints).size, prints.length);
});

test("a payload is recognised as long as one of the former keys is still in the ring", () => {
  const prints = fingerprintsOf("payload", "payload", ring);
  assert.ok(prints.every((print) => /^[a-z0-9]+\.[\w-]{43}$/.test(print)));
  assert.deepEqual(
    prints.map((print) => print.split(".")[0]),
    [...ring.keys()],
  );
  const rotated = new Map([["k3", randomBytes(32)], ...ring]);
  assert.ok(isSamePayload(fingerprintsOf("payload", "payload", rotated), prints));
  assert.ok(!isSamePayload(fingerprintsOf("payload", "payloae", rotated), prints));
  assert.ok(!isSamePayload(fingerprintsOf("payload", "payload", new Map([["k3", randomBytes(32)]])), prints), "no key in common");
});
