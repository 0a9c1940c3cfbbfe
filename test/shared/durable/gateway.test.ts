import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noKeys, type RememberedKeys } from "../../../shared/durable/connection-keys.ts";
import { freeGateway, type Gateway, type GatewayView, gatewayOperations, gatewayResultOf } from "../../../shared/durable/gateway.ts";
import { rowOf, type Waiter, waiterOf } from "../../../shared/durable/waiting.ts";

const { acquire, release, evict } = gatewayOperations;

/**
 * Waiters with equal times, with numbers that sort differently as texts, and two that differ only
 * in their id.
 */
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
  look: 1,
}));
/** Their ids in the expected order. */
const inOrder = ["c", "d", "b", "a", "f", "e"];
const [a, b, c] = everyone as readonly [Waiter, Waiter, Waiter];
const joined = (...waiters: readonly Waiter[]) => waiters.reduce((gateway, waiter) => acquire(gateway, { waiter }), freeGateway);
/** A holder that has taken the keys of its connection, of which none were remembered. */
const holding = (waiter: Waiter) => ({ ...waiter, taken: [] });
const now = "2026-01-02T00:00:00.000Z";
const changedBy = { requestSource: "/a", requestId: "1" };
const viewOf = (gateway: Gateway, asking: string, before = gateway) => gatewayResultOf(gateway, { asking }, before) as GatewayView;
const released = (gateway: Gateway, { instanceId }: Waiter, unsettled: readonly string[] | null = []) =>
  release(gateway, { instanceId, unsettled, changedBy: null, keys: "same", now });
const ids = (rows: readonly string[]) => rows.map((row) => waiterOf(row).instanceId);

test("the first request takes a free lease; the others wait in order of arrival, not of joining", () => {
  const lease = joined(a, b, c);
  assert.deepEqual([lease.holder, ids(lease.waiting)], [holding(a), ["c", "b"]]);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((id) => viewOf(lease, id).position),
    [0, 2, 1, null],
  );
});

test("sequence numbers are compared as numbers, also above 2^53, and equal arrivals by their id", () => {
  const lease = joined({ ...a, enqueuedAt: "2025-01-01T00:00:00.000Z" }, ...everyone.slice(1));
  assert.deepEqual(ids(lease.waiting), ["c", "d", "b", "f", "e"]);
});

test("a request that joins again keeps its place and gets the new event", () => {
  const again = { ...b, look: 2 };
  assert.deepEqual(acquire(joined(a, b, c), { waiter: again }).waiting, [c, again].map(rowOf));
  assert.deepEqual(acquire(joined(b), { waiter: again }), { ...freeGateway, holder: holding(again) });
  assert.equal(viewOf(acquire(joined(b), { waiter: again }), "a").holder?.event, "leaseGranted.2");
});

test("a release hands the lease to the next; a waiter that gives up leaves the queue; a release by any other changes nothing", () => {
  assert.deepEqual(released(joined(a, b, c), a), { ...freeGateway, holder: c, waiting: [rowOf(b)] });
  assert.deepEqual(released(joined(a, b, c), c, ["ignored"]), joined(a, b));
  assert.deepEqual(released(joined(a, b), c, ["ignored"]), joined(a, b));
  assert.deepEqual(released(joined(a), a), freeGateway);
});

test("the connection of an evicted holder stays unsettled until a holder has seen it settled", () => {
  const evicted = evict(joined(a, b, c), { gone: "a", now });
  assert.deepEqual(bare(evicted), { ...freeGateway, holder: c, waiting: [rowOf(b)], unsettled: ["connection-a"] });
  const twice = evict(evicted, { gone: "c", now });
  assert.deepEqual(bare(twice), { ...freeGateway, holder: b, unsettled: ["connection-a", "connection-c"] });
  assert.deepEqual(bare(released(evicted, c, null)), { ...freeGateway, holder: b, unsettled: ["connection-a"] });
  const nobody = released(twice, b, ["connection-c"]);
  assert.deepEqual(bare(nobody), { ...freeGateway, unsettled: ["connection-c"] });
  const { position, holder, unsettled } = viewOf(acquire(nobody, { waiter: a }), "a");
  assert.deepEqual([position, holder?.instanceId, unsettled], [0, "a", ["connection-c"]]);
  assert.deepEqual(viewOf(nobody, "a").unsettled, [], "only the holder waits for them");
});
/** Returns a lease without its fences. */
const bare = (lease: Gateway): Gateway => ({ ...lease, fences: {} });

/** Requests for one connection, in order of arrival. */
const [early, middle, late, latest] = ["1", "2", "3", "4"].map((number) => ({
  ...a,
  instanceId: `of-one-${number}`,
  enqueuedAt: `2026-01-01T00:00:0${number}.000Z`,
  sequenceNumber: number,
  connectionName: "One",
})) as [Waiter, Waiter, Waiter, Waiter];
const supersedes = (gateway: Gateway, waiter: Waiter) =>
  (gatewayResultOf(acquire(gateway, { waiter }), { waiter }, gateway) as GatewayView).supersededBy;

test("after a newer request has changed a connection, an older one gets no place, whatever the case of the name", () => {
  const written = release(joined(middle), { instanceId: middle.instanceId, unsettled: [], changedBy, keys: "same", now });
  const tooLate = acquire(written, { waiter: { ...early, connectionName: "oNE" } });
  assert.deepEqual([tooLate.holder, tooLate.waiting], [null, []]);
  assert.deepEqual(supersedes(written, early), changedBy);
  assert.equal(supersedes(written, late), null);
  assert.deepEqual(acquire(written, { waiter: late }).holder, holding(late));
  assert.equal(supersedes(written, { ...early, connectionName: "another" }), null);
  assert.equal(supersedes(written, middle), null, "a request does not supersede itself");
});

test("when a newer request has changed a connection, older ones leave the queue and are returned to be woken", () => {
  const waiting = joined(late, b, early, latest, middle);
  const input = { instanceId: late.instanceId, unsettled: [], changedBy, keys: "same", now } as const;
  const written = release(waiting, input);
  assert.deepEqual([written.holder?.instanceId, ids(written.waiting)], ["b", [latest.instanceId]]);
  const { superseded } = viewOf(written, late.instanceId, waiting);
  assert.deepEqual(
    superseded,
    [early, middle].map(({ instanceId }) => ({ instanceId, event: "leaseGranted.1" })),
  );
  const again = viewOf(release(written, input), late.instanceId, written);
  assert.deepEqual(again.superseded, []);
});

test("a holder that changed nothing supersedes no request; an evicted one may have changed its connection", () => {
  assert.equal(released(joined(late, early), late).holder?.instanceId, early.instanceId);
  const before = joined(late, early);
  const evicted = evict(before, { gone: late.instanceId, now });
  assert.equal(evicted.holder, null);
  assert.equal(viewOf(evicted, "x", before).superseded.length, 1);
  assert.deepEqual(supersedes(evicted, early), { requestSource: "", requestId: "" }, "the requester is unknown");
});

test("a connection may have the name of a property of every object", () => {
  assert.equal(supersedes(freeGateway, { ...early, connectionName: "constructor" }), null);
});

/** The expected lease, kept in another way: as sets. */
interface Model {
  holder: string | null;
  readonly waiting: Set<string>;
  unsettled: Set<string>;
  looks: number;
}
type Real = { lease: Gateway };
type Step = fc.Command<Model, Real>;

/**
 * Applies an operation to a frozen lease, and again to its result. The second time must change
 * nothing.
 */
function apply(real: Real, operation: (lease: Gateway) => Gateway): void {
  const before = real.lease;
  real.lease = deepFreeze(JSON.parse(JSON.stringify(operation(before))) as Gateway);
  assert.deepEqual(operation(real.lease), real.lease, "a repeated operation changes nothing");
}

/** Gives a free lease to the first waiter. */
function grant(model: Model): void {
  const next = inOrder.find((id) => model.waiting.has(id));
  if (model.holder !== null || next === undefined) return;
  model.waiting.delete(next);
  model.holder = next;
}

function agree(model: Model, { lease }: Real): void {
  assert.equal(lease.holder?.instanceId ?? null, model.holder, "at most one holder, and the lowest waiter is next");
  assert.deepEqual(
    ids(lease.waiting),
    inOrder.filter((id) => model.waiting.has(id)),
    "the waiters are in order, and each is there once",
  );
  assert.deepEqual(new Set(lease.unsettled), model.unsettled, "a connection is unsettled until a holder has seen it settled");
  assert.equal(new Set(lease.unsettled).size, lease.unsettled.length);
  for (const { instanceId } of everyone) {
    const { position, unsettled } = viewOf(lease, instanceId);
    const place = inOrder.filter((id) => model.waiting.has(id)).indexOf(instanceId);
    assert.equal(position, model.holder === instanceId ? 0 : place < 0 ? null : place + 1);
    assert.deepEqual(unsettled, position === 0 ? lease.unsettled : []);
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
/**
 * Every operation may come at any time: a release after an eviction, an eviction of a stranger, a
 * second join.
 */
const steps = [
  someone.map((waiter) =>
    command(`${waiter.instanceId} joins`, (model, real) => {
      const look = ++model.looks;
      apply(real, (lease) => acquire(lease, { waiter: { ...waiter, look } }));
      if (model.holder !== waiter.instanceId) model.waiting.add(waiter.instanceId);
      grant(model);
      const known = [real.lease.holder, ...real.lease.waiting.map(waiterOf)].find((other) => other?.instanceId === waiter.instanceId);
      assert.equal(known?.look, look, "the waiter has the new look");
    }),
  ),
  fc.tuple(someone, fc.nat(7), fc.constantFrom("finished", "unfinished", "unaware")).map(([waiter, settled, how]) =>
    command(`${waiter.instanceId} releases (${settled}, ${how})`, (model, real) => {
      // A holder saw some of the unsettled connections settled, and may leave its own in the middle
      // of a change.
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

test("any order of joins, releases and evictions: one holder, the lowest waiter next, each once, no unsettled connection lost", () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 60, size: "max" }), (commands) => {
      const setup = () => ({
        model: { holder: null, waiting: new Set<string>(), unsettled: new Set<string>(), looks: 0 },
        real: { lease: deepFreeze(freeGateway) },
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

/** The keys of a request, as their fingerprints. */
const keysNamed = (name: string) => ({ keys: [{ link: "", prints: [`k1.${name}`] }], source: ["k1.source"] });
const recall = (gateway: Gateway, connectionName: string) => gatewayResultOf(gateway, { connectionName }, gateway) as RememberedKeys;
const rememberedOf = (gateway: Gateway, waiter: Waiter) => (gatewayResultOf(gateway, { waiter }, gateway) as GatewayView).remembered;
/** A gateway of which the keys of one connection are remembered. */
const knowing = (name: string) => release(joined(a), { instanceId: "a", unsettled: [], changedBy: null, keys: keysNamed(name), now });

test("the holder gets the remembered keys, the same ones if it asks again, and nobody else finds them meanwhile", () => {
  const held = acquire(knowing("old"), { waiter: a });
  assert.deepEqual(rememberedOf(held, a), { keys: keysNamed("old").keys, sources: [["k1.source"]] });
  assert.deepEqual(recall(held, "CONNECTION-A"), { keys: [], sources: [["k1.source"]] });
  const again = acquire(held, { waiter: { ...a, look: 2 } });
  assert.deepEqual(rememberedOf(again, a), rememberedOf(held, a));
});

test("a request that waits takes nothing; it gets the keys when it holds the lease and asks", () => {
  const busy = acquire(acquire(knowing("old"), { waiter: b }), { waiter: a });
  assert.deepEqual(rememberedOf(busy, a), noKeys);
  const granted = released(busy, b);
  assert.deepEqual([granted.holder?.instanceId, recall(granted, "connection-a").keys.length], ["a", 1]);
  assert.equal(rememberedOf(acquire(granted, { waiter: a }), a).keys.length, 1);
});

test("a superseded request sees the remembered keys and takes nothing", () => {
  const written = release(joined(middle), { instanceId: middle.instanceId, unsettled: [], changedBy, keys: keysNamed("new"), now });
  const superseded = acquire(written, { waiter: early });
  assert.deepEqual(rememberedOf(superseded, early).keys, keysNamed("new").keys);
  assert.deepEqual(superseded.keys, written.keys);
});

for (const [what, keys, expected] of [
  ["without a PUT gives them back", "same", "old"],
  ["after a PUT of unknown result leaves them unknown", "unknown", undefined],
  ["after a verified change leaves the new ones", keysNamed("new"), "new"],
] as const) {
  test(`a release ${what}`, () => {
    const left = release(acquire(knowing("old"), { waiter: a }), { instanceId: "a", unsettled: [], changedBy: null, keys, now });
    assert.equal(recall(left, "connection-a").keys[0]?.prints[0], expected && `k1.${expected}`);
  });
}

test("the keys of an evicted holder are unknown", () => {
  assert.deepEqual(recall(evict(acquire(knowing("old"), { waiter: a }), { gone: "a", now }), "connection-a").keys, []);
});

/** What is remembered of two connections, kept in another way. */
interface KeysModel {
  readonly known: Map<string, string>;
  /** The holder that has taken keys, and the name of what it has taken. */
  taken: { readonly by: string; readonly keys: string | undefined } | null;
}
const nameOf = ({ keys }: RememberedKeys) => keys[0]?.prints[0]?.slice(3);
/** Six requests for two connections. */
const sharing = everyone.map((waiter, index) => ({ ...waiter, connectionName: index % 2 === 0 ? "One" : "two" }));
const agreeOnKeys = (model: KeysModel, { lease }: Real) => {
  for (const name of ["one", "two"]) assert.equal(nameOf(recall(lease, name)), model.known.get(name), `the keys of ${name}`);
};
const endings = fc.constantFrom("same", "unknown", "red", "green", "blue");
const keySteps = [
  fc.constantFrom(...sharing).map((waiter) => ({
    check: () => true,
    toString: () => `${waiter.instanceId} acquires`,
    run(model: KeysModel, real: Real) {
      apply(real, (lease) => acquire(lease, { waiter }));
      const { position, remembered, supersededBy } = gatewayResultOf(real.lease, { waiter }, real.lease) as GatewayView;
      const name = waiter.connectionName.toLowerCase();
      if (position === 0 && model.taken?.by !== waiter.instanceId) {
        model.taken = { by: waiter.instanceId, keys: model.known.get(name) };
        model.known.delete(name);
      }
      const expected = position === 0 ? model.taken?.keys : supersededBy ? model.known.get(name) : undefined;
      assert.equal(nameOf(remembered), expected, "only the holder has the keys, and a superseded request sees them");
      agreeOnKeys(model, real);
    },
  })),
  fc.tuple(fc.constantFrom(...sharing), endings).map(([{ instanceId, connectionName }, end]) => ({
    check: () => true,
    toString: () => `${instanceId} releases, ${end}`,
    run(model: KeysModel, real: Real) {
      const keys = end === "same" || end === "unknown" ? end : keysNamed(end);
      const isHolder = real.lease.holder?.instanceId === instanceId;
      apply(real, (lease) => release(lease, { instanceId, unsettled: [], changedBy: null, keys, now }));
      if (isHolder && model.taken?.by === instanceId) {
        const kept = end === "same" ? model.taken.keys : end;
        if (kept !== undefined && kept !== "unknown") model.known.set(connectionName.toLowerCase(), kept);
        model.taken = null;
      }
      agreeOnKeys(model, real);
    },
  })),
  fc.constantFrom(...sharing).map(({ instanceId }) => ({
    check: () => true,
    toString: () => `${instanceId} is evicted`,
    run(model: KeysModel, real: Real) {
      const isHolder = real.lease.holder?.instanceId === instanceId;
      apply(real, (lease) => evict(lease, { gone: instanceId, now }));
      if (isHolder) model.taken = null;
      agreeOnKeys(model, real);
    },
  })),
];

test("in any order of operations, keys are in one place: remembered, or with the one holder that may change them", () => {
  fc.assert(
    fc.property(fc.commands<KeysModel, Real>(keySteps, { maxCommands: 60, size: "max" }), (commands) =>
      fc.modelRun(() => ({ model: { known: new Map(), taken: null }, real: { lease: deepFreeze(freeGateway) } }), commands),
    ),
    { numRuns: 500 },
  );
});
