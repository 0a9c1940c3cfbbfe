import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Arrival, addFence, type Fences, findNewerRequester, isOlder } from "../../../shared/durable/fence.ts";
import { freeGateway, type Gateway, type GatewayView, gatewayOperations, gatewayResultOf } from "../../../shared/durable/gateway.ts";
import type { Waiter } from "../../../shared/durable/waiting.ts";

const DAY_MS = 86_400_000;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const arrival = (seconds: number, sequenceNumber: string, queue = "q"): Arrival => ({ queue, enqueuedAt: at(seconds), sequenceNumber });
const partition = (number: bigint, index: bigint) => String((index << 48n) + number);

const pairs: readonly (readonly [what: string, one: Arrival, other: Arrival, older: boolean])[] = [
  ["one queue: the lower number", arrival(1, "9"), arrival(1, "10"), true],
  ["one queue: the number, not the time", arrival(2, "1"), arrival(1, "2"), true],
  ["one queue: numbers beyond what a double can tell apart", arrival(1, "140737488355326"), arrival(1, "140737488355327"), true],
  ["one message", arrival(1, "1"), arrival(1, "1"), false],
  ["two queues: the time", arrival(1, "9", "a"), arrival(2, "1", "b"), true],
  ["two queues at one time: neither", arrival(1, "1", "a"), arrival(1, "2", "b"), false],
  ["partitions: the time", arrival(1, partition(9n, 2n)), arrival(2, partition(1n, 1n)), true],
  ["partitions at one time: neither", arrival(1, partition(1n, 1n)), arrival(1, partition(1n, 2n)), false],
  ["a partition that is numbered 0 and another one: the time", arrival(1, partition(1n, 1n)), arrival(2, "7"), true],
  ["a queue that was made anew counts from 1 again: the time", arrival(0, "90000"), arrival(3_600, "1"), true],
];
for (const [what, one, other, older] of pairs) {
  test(`which request is older: ${what}`, () => assert.deepEqual([isOlder(one, other), isOlder(other, one)], [older, false]));
}

test("an entry is kept for 8 days after it was added, and until its arrival is 22 days old", () => {
  const requester = { requestSource: "/a", requestId: "1" };
  const days = (count: number) => new Date(Date.UTC(2026, 0, 1) + count * DAY_MS).toISOString();
  const noteAt = (fences: Fences, name: string, arrivedDay: number, notedDay: number) =>
    addFence(fences, name, { queue: "q", enqueuedAt: days(arrivedDay), sequenceNumber: "5" }, requester, days(notedDay));
  const left = (arrivedDay: number, notedDay: number, nowDay: number) =>
    Object.keys(noteAt(noteAt({}, "old", arrivedDay, notedDay), "new", nowDay, nowDay)).includes("old");
  assert.deepEqual([left(0, 20, 27.9), left(0, 20, 28.1)], [true, false]);
  assert.deepEqual([left(0, 1, 21.9), left(0, 1, 22.1)], [true, false]);
});

test("the newer requester is returned, even if its id contains spaces", () => {
  const requester = { requestSource: "/a b", requestId: "the 1st one" };
  const fences = addFence({}, "One", arrival(5, "5"), requester, at(6));
  assert.deepEqual(findNewerRequester(fences, "oNe", arrival(4, "4")), requester);
  assert.equal(findNewerRequester(fences, "one", arrival(6, "6")), undefined);
});

/** Requests for two connections from two queues. */
const requests = Array.from(
  { length: 8 },
  (_, index): Waiter => ({
    ...arrival(index, String(index), index % 3 === 0 ? "b" : "a"),
    instanceId: `vpn-${index}`,
    connectionName: index % 4 === 3 ? "other" : index % 2 === 0 ? "One" : "one",
    look: 1,
  }),
);
const how = fc.constantFrom("written", "written", "nothing", "dead");
const steps = fc.array(fc.oneof(fc.nat(7), how), { maxLength: 60, size: "max" });

test("in any order of joins, releases and evictions the last write of a connection is never older than one before it", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      let lease: Gateway = freeGateway;
      const written = new Map<string, Waiter[]>();
      const ended = new Set<string>();
      for (const step of taken) {
        if (typeof step === "number") {
          const waiter = requests[step] as Waiter;
          if (ended.has(waiter.instanceId)) continue;
          const before = lease;
          lease = gatewayOperations.acquire(before, { waiter });
          const { position, supersededBy } = gatewayResultOf(lease, { waiter }, before) as GatewayView;
          assert.equal(position === null, supersededBy !== null, "in the queue, or superseded");
          continue;
        }
        const { holder } = lease;
        if (!holder) continue;
        ended.add(holder.instanceId);
        const name = holder.connectionName.toLowerCase();
        if (step !== "nothing") written.set(name, [...(written.get(name) ?? []), holder]);
        const changedBy = step === "written" ? { requestSource: "/a", requestId: holder.instanceId } : null;
        const before = lease;
        const now = at(100);
        lease =
          step === "dead"
            ? gatewayOperations.evict(lease, { gone: holder.instanceId, now })
            : gatewayOperations.release(lease, { instanceId: holder.instanceId, unsettled: [], changedBy, keys: "same", now });
        const gone = before.waiting.length - lease.waiting.length - (lease.holder ? 1 : 0);
        assert.equal(
          (gatewayResultOf(lease, { asking: holder.instanceId }, before) as GatewayView).superseded.length,
          gone,
          "every superseded request is returned",
        );
      }
      for (const [name, writers] of written) {
        const times = writers.map(({ enqueuedAt }) => enqueuedAt);
        assert.deepEqual(times, times.toSorted(), name);
      }
    }),
    { numRuns: 500 },
  );
});
