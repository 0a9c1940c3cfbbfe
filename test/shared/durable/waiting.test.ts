import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addWaiter,
  grantEventOf,
  positionOf,
  removeWaiter,
  rowOf,
  type Waiter,
  waiterOf,
  waitersFor,
} from "../../../shared/durable/waiting.ts";

const waiter: fc.Arbitrary<Waiter> = fc.record(
  {
    instanceId: fc.integer({ min: 1, max: 50 }).map((number) => `vpn-${number}`),
    queue: fc.constantFrom("requests", "portal"),
    enqueuedAt: fc.integer({ min: 0, max: 5 }).map((seconds) => new Date(1.8e12 + seconds * 1000).toISOString()),
    sequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String),
    connectionName: fc.constantFrom("one", "Two", "tWO", "three"),
    look: fc.nat(1_000),
  },
  { noNullPrototype: true },
);

test("a waiter comes back from its string as it was", () => {
  fc.assert(fc.property(waiter, (one) => assert.deepEqual(waiterOf(rowOf(one)), one)));
});

test("whatever the order in which they come, requests wait in the order of their arrival", () => {
  const byArrival = (one: Waiter, other: Waiter) =>
    one.enqueuedAt.localeCompare(other.enqueuedAt) ||
    (BigInt(one.sequenceNumber) < BigInt(other.sequenceNumber) ? -1 : Number(one.sequenceNumber !== other.sequenceNumber)) ||
    (one.instanceId < other.instanceId ? -1 : 1);
  const several = fc.uniqueArray(waiter, { selector: ({ instanceId }) => instanceId, maxLength: 20 });
  fc.assert(
    fc.property(several, (all) => {
      const waiting = all.reduce<readonly string[]>(addWaiter, []);
      assert.deepEqual(waiting.map(waiterOf), all.toSorted(byArrival));
      for (const { instanceId } of all) {
        assert.equal(waiterOf(waiting[positionOf(waiting, instanceId) - 1] ?? "").instanceId, instanceId);
        assert.equal(positionOf(removeWaiter(waiting, instanceId), instanceId), 0);
      }
    }),
  );
});

test("an id that begins another id is another request", () => {
  const base = { queue: "requests", enqueuedAt: "2026-01-01T00:00:00.000Z", sequenceNumber: "1", connectionName: "one", look: 1 };
  const waiting = addWaiter([], { ...base, instanceId: "vpn-12" });
  assert.equal(positionOf(waiting, "vpn-1"), 0);
  assert.deepEqual(removeWaiter(waiting, "vpn-1"), waiting);
});

test("the requests for a connection are found whatever the letter case of its name", () => {
  const base = { queue: "requests", enqueuedAt: "2026-01-01T00:00:00.000Z", sequenceNumber: "1", look: 1 };
  const names = ["one", "Two", "tWO", "not-two"];
  const waiting = names.reduce<readonly string[]>(
    (rows, connectionName) => addWaiter(rows, { ...base, instanceId: `vpn-${connectionName}`, connectionName }),
    [],
  );
  const found = waitersFor(waiting, "two").map(({ connectionName }) => connectionName);
  assert.deepEqual(found.toSorted(), ["Two", "tWO"]);
});

test("each look has an event of its own", () => {
  assert.notEqual(grantEventOf(1), grantEventOf(2));
});
