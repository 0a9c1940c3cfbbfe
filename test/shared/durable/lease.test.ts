import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { freeLease, type Lease, leaseOperations, leaseViewOf, rowOf, type Waiter, waiterOf } from "../../../shared/durable/lease.ts";

const { join, release, evict } = leaseOperations;

/** Who may come: equal times, numbers that sort otherwise as texts, and two that differ in nothing but their id. */
const everyone: readonly Waiter[] = [
  ["a", "2026-01-01T00:00:02.000Z", "1"],
  ["b", "2026-01-01T00:00:01.000Z", "10"],
  ["c", "2026-01-01T00:00:01.000Z", "9"],
  ["d", "2026-01-01T00:00:01.000Z", "9"],
  ["e", "2026-01-01T00:00:03.000Z", "9007199254740993"],
  ["f", "2026-01-01T00:00:03.000Z", "9007199254740992"],
].map(([id = "", enqueuedAt = "", sequenceNumber = ""]) => ({
  instanceId: id,
  queue: "requests",
  enqueuedAt,
  sequenceNumber,
  connectionName: `connection-${id}`,
  event: "leaseGranted.1",
}));
/** The same, as a list that was put in order by hand. */
const inOrder = ["c", "d", "b", "a", "f", "e"];
const [a, b, c] = everyone as readonly [Waiter, Waiter, Waiter];
const joined = (...waiters: readonly Waiter[]) => waiters.reduce((lease, waiter) => join(lease, { waiter }), freeLease);
const now = "2026-01-02T00:00:00.000Z";
const changedBy = { requestSource: "/a", requestId: "1" };
const viewOf = (lease: Lease, asking: string) => leaseViewOf(lease, lease, { asking });
const released = (lease: Lease, waiter: Waiter, unsettled: readonly string[] | null = []) =>
  release(lease, { waiter, unsettled, changedBy: null, now });
const ids = (rows: readonly string[]) => rows.map((row) => waiterOf(row).instanceId);

test("a free lease is taken by whoever comes; everybody after that waits in order of arrival, not of joining", () => {
  const lease = joined(a, b, c);
  assert.deepEqual([lease.holder, ids(lease.waiting)], [a, ["c", "b"]]);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((id) => viewOf(lease, id).position),
    [0, 2, 1, null],
  );
});

test("sequence numbers are compared as numbers, beyond what a double can tell apart, and equal arrivals by their id", () => {
  const lease = joined({ ...a, enqueuedAt: "2025-01-01T00:00:00.000Z" }, ...everyone.slice(1));
  assert.deepEqual(ids(lease.waiting), ["c", "d", "b", "f", "e"]);
});

test("whoever joins again keeps the place and gets the new event", () => {
  const again = { ...b, event: "leaseGranted.2" };
  assert.deepEqual(join(joined(a, b, c), { waiter: again }).waiting, [c, again].map(rowOf));
  assert.deepEqual(join(joined(b), { waiter: again }), { ...freeLease, holder: again });
});

test("a release hands the lease to the next; a waiter that gives up leaves the queue; a stranger's release changes nothing", () => {
  assert.deepEqual(released(joined(a, b, c), a), { ...freeLease, holder: c, waiting: [rowOf(b)] });
  assert.deepEqual(released(joined(a, b, c), c, ["ignored"]), joined(a, b));
  assert.deepEqual(released(joined(a, b), c, ["ignored"]), joined(a, b));
  assert.deepEqual(released(joined(a), a), freeLease);
});

test("what an evicted holder was changing is handed on until a holder has seen it settled", () => {
  const evicted = evict(joined(a, b, c), { gone: "a", now });
  assert.deepEqual(bare(evicted), { ...freeLease, holder: c, waiting: [rowOf(b)], unsettled: ["connection-a"] });
  const twice = evict(evicted, { gone: "c", now });
  assert.deepEqual(bare(twice), { ...freeLease, holder: b, unsettled: ["connection-a", "connection-c"] });
  assert.deepEqual(bare(released(evicted, c, null)), { ...freeLease, holder: b, unsettled: ["connection-a"] });
  const nobody = released(twice, b, ["connection-c"]);
  assert.deepEqual(bare(nobody), { ...freeLease, unsettled: ["connection-c"] });
  const { position, holder, unsettled } = viewOf(join(nobody, { waiter: a }), "a");
  assert.deepEqual([position, holder, unsettled], [0, a, ["connection-c"]]);
});
/** A lease without what it knows of past changes. */
const bare = (lease: Lease): Lease => ({ ...lease, fences: {} });

/** Requests for one connection, by when they came. */
const [early, middle, late, latest] = ["1", "2", "3", "4"].map((number) => ({
  ...a,
  instanceId: `of-one-${number}`,
  enqueuedAt: `2026-01-01T00:00:0${number}.000Z`,
  sequenceNumber: number,
  connectionName: "One",
})) as [Waiter, Waiter, Waiter, Waiter];
const supersedes = (lease: Lease, waiter: Waiter) =>
  leaseViewOf(join(lease, { waiter }), lease, { asking: waiter.instanceId, waiter }).supersededBy;

test("a request that comes after a newer one was written gets no place, whatever the case of the name; a newer one does", () => {
  const written = release(joined(middle), { waiter: middle, unsettled: [], changedBy, now });
  const tooLate = join(written, { waiter: { ...early, connectionName: "oNE" } });
  assert.deepEqual([tooLate.holder, tooLate.waiting], [null, []]);
  assert.deepEqual(supersedes(written, early), changedBy);
  assert.equal(supersedes(written, late), null);
  assert.deepEqual(join(written, { waiter: late }).holder, late);
  assert.equal(supersedes(written, { ...early, connectionName: "another" }), null);
  assert.equal(supersedes(written, middle), null, "not by itself");
});

test("whoever waits with an older request leaves the queue when the newer one is written, and is named to be woken", () => {
  const waiting = joined(late, b, early, latest, middle);
  const input = { waiter: late, unsettled: [], changedBy, now };
  const written = release(waiting, input);
  assert.deepEqual([written.holder?.instanceId, ids(written.waiting)], ["b", [latest.instanceId]]);
  const { superseded } = leaseViewOf(written, waiting, { asking: late.instanceId, waiter: late });
  assert.deepEqual(
    superseded,
    [early, middle].map(({ instanceId, event }) => ({ instanceId, event })),
  );
  const again = leaseViewOf(release(written, input), written, { asking: late.instanceId });
  assert.deepEqual(again.superseded, []);
});

test("a holder that changed nothing leaves older requests as they are; an evicted one may have changed its connection", () => {
  assert.equal(released(joined(late, early), late).holder?.instanceId, early.instanceId);
  const before = joined(late, early);
  const evicted = evict(before, { gone: late.instanceId, now });
  assert.equal(evicted.holder, null);
  assert.equal(leaseViewOf(evicted, before, { asking: "x" }).superseded.length, 1);
  assert.deepEqual(supersedes(evicted, early), { requestSource: "", requestId: "" }, "by whom is not known");
});

test("a connection may be called as a property of every object", () => {
  assert.equal(supersedes(freeLease, { ...early, connectionName: "constructor" }), null);
});

/** What the lease should be, kept in other ways: a set of whoever waits, and a set of connections. */
interface Model {
  holder: string | null;
  readonly waiting: Set<string>;
  unsettled: Set<string>;
  looks: number;
}
type Real = { lease: Lease };
type Step = fc.Command<Model, Real>;

/** Carries an operation out on a lease that nobody may write to, and again on what came of it: the second time changes nothing. */
function apply(real: Real, operation: (lease: Lease) => Lease): void {
  const before = real.lease;
  real.lease = deepFreeze(JSON.parse(JSON.stringify(operation(before))) as Lease);
  assert.deepEqual(operation(real.lease), real.lease, "a repeated operation changes nothing");
}

/** The lease goes to the lowest of the waiting as soon as nobody holds it. */
function grant(model: Model): void {
  const next = inOrder.find((id) => model.waiting.has(id));
  if (model.holder !== null || next === undefined) return;
  model.waiting.delete(next);
  model.holder = next;
}

function agree(model: Model, { lease }: Real): void {
  assert.equal(lease.holder?.instanceId ?? null, model.holder, "at most one holder, and the lowest of the waiting is next");
  assert.deepEqual(
    ids(lease.waiting),
    inOrder.filter((id) => model.waiting.has(id)),
    "the waiting stand in order, and nobody twice",
  );
  assert.deepEqual(new Set(lease.unsettled), model.unsettled, "what is unsettled is known until a holder says otherwise");
  assert.equal(new Set(lease.unsettled).size, lease.unsettled.length);
  for (const { instanceId } of everyone) {
    const { position, unsettled } = viewOf(lease, instanceId);
    const place = inOrder.filter((id) => model.waiting.has(id)).indexOf(instanceId);
    assert.equal(position, model.holder === instanceId ? 0 : place < 0 ? null : place + 1);
    assert.equal(unsettled, lease.unsettled);
  }
}

const command = (text: string, run: (model: Model, real: Real) => void): Step => ({
  check: () => true,
  toString: () => text,
  run(model, real) {
    run(model, real);
    agree(model, real);
  },
});

const someone = fc.constantFrom(...everyone);
/** Anybody may do anything at any time: a late release of one who was evicted, an eviction of one who is long gone, a join of one who is in. */
const steps = [
  someone.map((waiter) =>
    command(`${waiter.instanceId} joins`, (model, real) => {
      const event = `leaseGranted.${++model.looks}`;
      apply(real, (lease) => join(lease, { waiter: { ...waiter, event } }));
      if (model.holder !== waiter.instanceId) model.waiting.add(waiter.instanceId);
      grant(model);
      const known = [real.lease.holder, ...real.lease.waiting.map(waiterOf)].find((other) => other?.instanceId === waiter.instanceId);
      assert.equal(known?.event, event, "its grant will come under the name it waits for");
    }),
  ),
  fc.tuple(someone, fc.nat(7), fc.constantFrom("finished", "unfinished", "unaware")).map(([waiter, settled, how]) =>
    command(`${waiter.instanceId} releases (${settled}, ${how})`, (model, real) => {
      // A holder saw some of the unsettled connections settled, and may leave its own in the middle of a change.
      const left = real.lease.unsettled.filter((_, index) => (settled & (1 << index)) === 0);
      const all = how === "finished" ? left : [...new Set([...left, waiter.connectionName])];
      const unsettled = how === "unaware" ? null : all;
      if (model.holder === waiter.instanceId) {
        model.holder = null;
        if (unsettled) model.unsettled = new Set(unsettled);
      }
      model.waiting.delete(waiter.instanceId);
      apply(real, (lease) => released(lease, waiter, unsettled));
      grant(model);
    }),
  ),
  someone.map(({ instanceId, connectionName }) =>
    command(`${instanceId} is evicted`, (model, real) => {
      if (model.holder === instanceId) {
        model.holder = null;
        model.unsettled.add(connectionName);
      }
      model.waiting.delete(instanceId);
      apply(real, (lease) => evict(lease, { gone: instanceId, now }));
      grant(model);
    }),
  ),
];

test("any interleaving of joins, releases and evictions: one holder, the lowest of the waiting next, nobody twice, nothing unsettled lost", () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 60, size: "max" }), (commands) => {
      const setup = () => ({
        model: { holder: null, waiting: new Set<string>(), unsettled: new Set<string>(), looks: 0 },
        real: { lease: deepFreeze(freeLease) },
      });
      fc.modelRun(setup, commands);
    }),
    { numRuns: 500 },
  );
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}
