import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { freeLease, type Lease, leaseOperations, leaseViewOf, rowOf, type Waiter, waiterOf } from "../../shared/lease.ts";

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
  enqueuedAt,
  sequenceNumber,
  connectionName: `connection-${id}`,
  event: "leaseGranted.1",
}));
/** The same, as a list that was put in order by hand. */
const inOrder = ["c", "d", "b", "a", "f", "e"];
const [a, b, c] = everyone as readonly [Waiter, Waiter, Waiter];
const joined = (...waiters: readonly Waiter[]) => waiters.reduce((lease, waiter) => join(lease, { waiter }), freeLease);
const ids = (rows: readonly string[]) => rows.map((row) => waiterOf(row).instanceId);

test("a free lease is taken by whoever comes; everybody after that waits in order of arrival, not of joining", () => {
  const lease = joined(a, b, c);
  assert.deepEqual([lease.holder, ids(lease.waiting)], [a, ["c", "b"]]);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((id) => leaseViewOf(lease, id).position),
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
  assert.deepEqual(release(joined(a, b, c), { waiter: a, unsettled: [] }), { holder: c, waiting: [rowOf(b)], unsettled: [] });
  assert.deepEqual(release(joined(a, b, c), { waiter: c, unsettled: ["ignored"] }), joined(a, b));
  assert.deepEqual(release(joined(a, b), { waiter: c, unsettled: ["ignored"] }), joined(a, b));
  assert.deepEqual(release(joined(a), { waiter: a, unsettled: [] }), freeLease);
});

test("what an evicted holder was changing is handed on until a holder has seen it settled", () => {
  const evicted = evict(joined(a, b, c), { gone: "a" });
  assert.deepEqual(evicted, { holder: c, waiting: [rowOf(b)], unsettled: ["connection-a"] });
  const twice = evict(evicted, { gone: "c" });
  assert.deepEqual(twice, { holder: b, waiting: [], unsettled: ["connection-a", "connection-c"] });
  assert.deepEqual(release(evicted, { waiter: c, unsettled: null }), { holder: b, waiting: [], unsettled: ["connection-a"] });
  const nobody = release(twice, { waiter: b, unsettled: ["connection-c"] });
  assert.deepEqual(nobody, { holder: null, waiting: [], unsettled: ["connection-c"] });
  assert.deepEqual(leaseViewOf(join(nobody, { waiter: a }), "a"), { position: 0, holder: a, unsettled: ["connection-c"] });
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
    const { position, unsettled } = leaseViewOf(lease, instanceId);
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
      apply(real, (lease) => release(lease, { waiter, unsettled }));
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
      apply(real, (lease) => evict(lease, { gone: instanceId }));
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
