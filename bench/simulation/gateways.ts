import type { Process, Scheduler } from "./scheduler.ts";

/** The leases of gateways: one holder each, first come is first served. */
export interface Gateways {
  /** Takes the lease if it is free, or joins the queue. Returns whether it was free. */
  join(gateway: number, process: Process): boolean;
  /** Gives the lease to the next process and wakes it. */
  release(gateway: number, time: number): void;
}

/** Returns free leases. */
export function createGateways(count: number, scheduler: Scheduler): Gateways {
  const leases = Array.from({ length: count }, () => ({ isHeld: false, queue: [] as Process[], next: 0 }));
  return {
    join(gateway, process) {
      const lease = leases[gateway] as (typeof leases)[number];
      if (lease.isHeld) {
        lease.queue.push(process);
        return false;
      }
      lease.isHeld = true;
      return true;
    },
    release(gateway, time) {
      const lease = leases[gateway] as (typeof leases)[number];
      const next = lease.queue[lease.next];
      if (next === undefined) lease.isHeld = false;
      else {
        lease.next++;
        scheduler.resume(next, time);
      }
    },
  };
}
