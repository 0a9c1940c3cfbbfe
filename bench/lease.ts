import { addFence, type Fences } from "../shared/durable/fence.ts";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import { type Lease, leaseOperations, leaseViewOf, rowOf, type Waiter } from "../shared/durable/lease.ts";
import { measure } from "./measure.ts";

const SIZES = [
  { waiters: 100, fences: 0 },
  { waiters: 1_000, fences: 0 },
  { waiters: 0, fences: 1_000 },
  { waiters: 1_000, fences: 1_000 },
  { waiters: 5_000, fences: 0 },
  { waiters: 5_000, fences: 1_000 },
  { waiters: 20_000, fences: 1_000 },
];
const TURNS = 100;
const AIM_MS = 3;
const now = new Date(1.8e12).toISOString();

/** What one look of a request, and one release, cost the lease of a gateway: read the stored state, change it, view it, and write it. */
export function benchLease(): string {
  const measured = SIZES.map((size) => ({ ...size, ...costOf(size.waiters, size.fences) }));
  const ofMany = measured.find(({ waiters, fences }) => waiters === 5_000 && fences === 1_000)?.join ?? Number.NaN;
  const lines = measured.map(({ waiters, fences, bytes, join, release }) => {
    const [kilobytes, ms] = [Math.round(bytes / 1000), `join ${join.toFixed(2)} ms, release ${release.toFixed(2)} ms`];
    return `${waiters} waiters, ${fences} connections with a fence: ${kilobytes} KB, medians: ${ms}`;
  });
  return [...lines, `Aim: a median below ${AIM_MS} ms a join at 5000 waiters: ${ofMany < AIM_MS ? "met" : "missed"}.`].join("\n");
}

function costOf(waiters: number, fenced: number): { readonly bytes: number; readonly join: number; readonly release: number } {
  let fences: Fences = {};
  for (let index = 0; index < fenced; index++) {
    const requester = { requestSource: "/ticketing/servicenow", requestId: `0b9f9d5e-6c1f-4a53-8f0e-${String(index).padStart(12, "0")}` };
    fences = { ...fences, ...addFence({}, `branch-${index}`, waiter(index), requester, now) };
  }
  const waiting = Array.from({ length: waiters }, (_, index) => rowOf(waiter(index + 1)));
  const text = JSON.stringify({ holder: waiter(0), waiting, unsettled: [], fences } satisfies Lease);
  let turn = 0;
  const look = () => {
    const again = waiter(1 + (turn++ % Math.max(waiters, 1)), turn);
    const before = JSON.parse(text) as Lease;
    const after = leaseOperations.join(before, { waiter: again });
    JSON.stringify(after);
    return leaseViewOf(after, before, { asking: again.instanceId, waiter: again });
  };
  const giveUp = () => {
    const before = JSON.parse(text) as Lease;
    const changedBy = { requestSource: "/ticketing/servicenow", requestId: "last" };
    const after = leaseOperations.release(before, { waiter: waiter(0), unsettled: [], changedBy, now });
    JSON.stringify(after);
    return leaseViewOf(after, before, { asking: waiter(0).instanceId });
  };
  const rounds = measure(
    [
      { name: "join", run: look },
      { name: "release", run: giveUp },
    ],
    TURNS,
  );
  return { bytes: text.length, join: rounds[0]?.median ?? Number.NaN, release: rounds[1]?.median ?? Number.NaN };
}

function waiter(index: number, look = 1): Waiter {
  return {
    instanceId: instanceIdOf("/bench", String(index)),
    queue: "vpn-connection-requests",
    enqueuedAt: new Date(1.8e12 + index).toISOString(),
    sequenceNumber: String(index),
    connectionName: `branch-${index}`,
    event: `leaseGranted.${look}`,
  };
}
