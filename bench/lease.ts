import { instanceIdOf } from "../shared/instance-id.ts";
import { type Lease, leaseOperations, leaseViewOf, rowOf, type Waiter } from "../shared/lease.ts";
import { measure } from "./measure.ts";

const WAITERS = [100, 1_000, 5_000, 20_000];
const TURNS = 100;
const AIM_MS = 3;

/** What one look of a request costs its gateway's lease: read the stored state, join again, view it, and write it. */
export function benchLease(): string {
  const measured = WAITERS.map((count) => {
    const state: Lease = {
      holder: waiter(0),
      waiting: Array.from({ length: count }, (_, index) => rowOf(waiter(index + 1))),
      unsettled: [],
    };
    let text = JSON.stringify(state);
    let turn = 0;
    const look = () => {
      const again = waiter(1 + (turn++ % count), turn);
      const after = leaseOperations.join(JSON.parse(text) as Lease, { waiter: again });
      text = JSON.stringify(after);
      return leaseViewOf(after, again.instanceId);
    };
    const [{ median, p95 } = { median: Number.NaN, p95: Number.NaN }] = measure([{ name: String(count), run: look }], TURNS);
    return { count, bytes: text.length, median, p95 };
  });
  const ofMany = measured.find(({ count }) => count === 5_000)?.median ?? Number.NaN;
  const lines = measured.map(({ count, bytes, median, p95 }) => {
    return `${count} waiters: ${Math.round(bytes / 1000)} KB, median ${median.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`;
  });
  return [...lines, `Aim: a median below ${AIM_MS} ms at 5000 waiters: ${ofMany < AIM_MS ? "met" : "missed"}.`].join("\n");
}

function waiter(index: number, look = 1): Waiter {
  return {
    instanceId: instanceIdOf("/bench", String(index)),
    enqueuedAt: new Date(1.8e12 + index).toISOString(),
    sequenceNumber: String(index),
    connectionName: `branch-${index}`,
    event: `leaseGranted.${look}`,
  };
}
