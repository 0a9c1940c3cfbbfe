import assert from "node:assert/strict";
import { test } from "node:test";
import { type Read, rememberReads } from "../../../functions/activities/remembered-reads.ts";
import type { Reading } from "../../../shared/arm/preflight.ts";

const site = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/vpnSites/site";
const settled: Reading = { properties: { provisioningState: "Succeeded" } };

/** A read in progress. */
interface Begun {
  readonly end: (reading: Reading) => void;
  readonly fail: () => void;
}

/** A memory on a clock of the test, and reads that the test ends. */
function openMemory() {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const reads = rememberReads(() => new Date(clock.ms));
  const begun: Begun[] = [];
  const readNow = () => {
    const { promise, resolve, reject } = Promise.withResolvers<Read>();
    const clientRequestId = `read-${begun.length + 1}`;
    begun.push({ end: (reading) => resolve({ reading, clientRequestId }), fail: () => reject(new Error("no response")) });
    return promise;
  };
  return {
    clock,
    begun,
    read: (id = site) => reads.read(id, readNow),
    /** Asks for a resource as somebody who trusts no read that has begun already. */
    readAnew: (id = site) => reads.read(id, readNow, reads.countBegun()),
    /** Asks for a resource as somebody who came when so many reads had begun. */
    readAfter: (after: number, id = site) => reads.read(id, readNow, after),
    countBegun: reads.countBegun,
    /** Asks for a resource. Returns what was given, or nothing if a read of Azure was needed. */
    async recall(id = site) {
      let isRead = false;
      const known = await reads.read(id, async () => {
        isRead = true;
        return { reading: "unread", clientRequestId: "" };
      });
      return isRead ? undefined : known;
    },
    /** Makes one read with a result. */
    async learn(reading: Reading, id = site) {
      await reads.read(id, async () => ({ reading, clientRequestId: "learnt" }), reads.countBegun());
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a resource is remembered for 60 s from the moment when its read began", async () => {
  const { clock, begun, read, recall } = openMemory();
  const first = read();
  clock.ms += 20_000;
  begun[0]?.end(settled);
  assert.deepEqual(await first, { reading: settled, clientRequestId: "read-1" });
  clock.ms += 40_000;
  assert.deepEqual(await recall(site.toUpperCase()), { reading: settled, clientRequestId: "read-1", ageSeconds: 60 });
  clock.ms += 1;
  assert.equal(await recall(), undefined);
});

test("a clock that is set back prolongs nothing", async () => {
  const { clock, learn, recall } = openMemory();
  await learn(settled);
  clock.ms -= 1;
  assert.equal(await recall(), undefined);
});

for (const [name, reading] of [
  ["a missing resource", "missing"],
  ["a failed read", "unread"],
  ["a resource that changes", { properties: { provisioningState: "Updating" } }],
  ["a resource that is being deleted", { properties: { provisioningState: "Deleting" } }],
  ["a resource whose change failed", { properties: { provisioningState: "Failed" } }],
  ["a resource without a state", { properties: {} }],
] as const)
  test(`${name} is not remembered, and replaces what was`, async () => {
    const { learn, recall } = openMemory();
    await learn(settled);
    assert.ok(await recall());
    await learn(reading);
    assert.equal(await recall(), undefined);
  });

test("all who need a resource at the same time wait for one read", async () => {
  const { clock, begun, read } = openMemory();
  const own = read();
  clock.ms += 2_000;
  const waiting = [read(), read(site.toUpperCase()), read()];
  await turn();
  assert.equal(begun.length, 1);
  begun[0]?.end(settled);
  assert.equal((await own).ageSeconds, undefined);
  for (const known of await Promise.all(waiting)) assert.deepEqual(known, { reading: settled, clientRequestId: "read-1", ageSeconds: 2 });
  assert.equal(begun.length, 1);
});

for (const [name, end] of [
  ["missing", (read: Begun) => read.end("missing")],
  ["changing", (read: Begun) => read.end({ properties: { provisioningState: "Updating" } })],
  ["failed", (read: Begun) => read.end("unread")],
  ["without a response", (read: Begun) => read.fail()],
] as const)
  test(`if the shared read is ${name}, each of the others makes its own`, async () => {
    const { begun, read } = openMemory();
    const own = read().catch(() => undefined);
    const waiting = [read(), read()];
    await turn();
    for (const first of begun.slice()) end(first);
    await own;
    await turn();
    assert.equal(begun.length, 3);
    begun[1]?.end(settled);
    begun[2]?.end(settled);
    assert.deepEqual(await Promise.all(waiting), [
      { reading: settled, clientRequestId: "read-2" },
      { reading: settled, clientRequestId: "read-3" },
    ]);
  });

test("of two reads at the same time, the one that began later counts", async () => {
  const { clock, begun, readAnew, recall } = openMemory();
  const older = readAnew();
  clock.ms += 1_000;
  const newer = readAnew();
  assert.equal(begun.length, 2);
  begun[1]?.end(settled);
  await newer;
  begun[0]?.end({ properties: { provisioningState: "Succeeded", mode: "older" } });
  await older;
  assert.equal((await recall())?.clientRequestId, "read-2");
});

test("who trusts no earlier read makes one, whatever is remembered or in progress", async () => {
  const { begun, learn, read, readAnew } = openMemory();
  await learn(settled);
  const again = readAnew();
  begun[0]?.end(settled);
  assert.equal((await again).ageSeconds, undefined);
  const other = `${site}2`;
  const inProgress = read(other);
  const anew = readAnew(other);
  assert.equal(begun.length, 3, "the read in progress began before");
  begun[1]?.end(settled);
  begun[2]?.end({ properties: { provisioningState: "Succeeded", mode: "newer" } });
  assert.notDeepEqual((await inProgress).reading, (await anew).reading);
});

test("all who need a newer read wait for one that began after they came", async () => {
  const { begun, learn, readAfter, countBegun } = openMemory();
  await learn(settled);
  const came = countBegun();
  const waiting = [readAfter(came), readAfter(came), readAfter(came)];
  assert.equal(begun.length, 1);
  begun[0]?.end(settled);
  const ids = (await Promise.all(waiting)).map(({ clientRequestId }) => clientRequestId);
  assert.deepEqual(ids, ["read-1", "read-1", "read-1"]);
});

test("the memory is bounded: the oldest of 2,000 resources is forgotten, and a large one is not kept", async () => {
  const { learn, recall } = openMemory();
  for (let index = 0; index <= 2_000; index++) await learn(settled, `${site}${index}`);
  assert.equal(await recall(`${site}0`), undefined);
  assert.ok(await recall(`${site}1`));
  assert.ok(await recall(`${site}2000`));
  await learn({ properties: { provisioningState: "Succeeded", mode: "m".repeat(4_000) } });
  assert.equal(await recall(), undefined);
});
