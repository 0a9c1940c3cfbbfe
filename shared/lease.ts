/** One request in the queue of a gateway. */
export interface Waiter {
  readonly instanceId: string;
  /** When the broker took its message, ISO 8601 in UTC, and the number it gave it: who has the lowest of both is next. */
  readonly enqueuedAt: string;
  readonly sequenceNumber: string;
  /** The connection it wants to change. */
  readonly connectionName: string;
  /** The name of the event that tells it that the lease is its own. It changes with every look, so that an event cannot end an earlier wait. */
  readonly event: string;
}

/** The lease of one gateway: who may change it, who waits, and the connections that an evicted holder may have left in the middle of a change. */
export interface Lease {
  readonly holder: Waiter | null;
  readonly waiting: readonly Waiter[];
  readonly unsettled: readonly string[];
}

/** How the lease looks to one request. */
export interface LeaseView {
  /** 0 holds the lease, 1 is next; null stands nowhere in the queue. */
  readonly position: number | null;
  readonly holder: Waiter | null;
  /** Connections that must be seen settled before the holder may write. */
  readonly unsettled: readonly string[];
}

export const freeLease: Lease = { holder: null, waiting: [], unsettled: [] };

/** What happens to a lease, by operation; each answers the lease afterwards and its look to whoever asked. Repeating any of them changes nothing. */
export const leaseOperations = {
  /** Takes the lease when it is free, waits in order otherwise; whoever is in already gets its event renamed. */
  join(lease: Lease, { waiter }: { waiter: Waiter }): Lease {
    if (lease.holder?.instanceId === waiter.instanceId) return { ...lease, holder: waiter };
    const others = lease.waiting.filter(({ instanceId }) => instanceId !== waiter.instanceId);
    return granted({ ...lease, waiting: [...others, waiter].sort(byArrival) });
  },

  /** Gives the lease up, or the place in the queue. The holder says which connections it leaves unsettled; null from one that never heard of its grant. */
  release(lease: Lease, { waiter, unsettled }: { waiter: Pick<Waiter, "instanceId">; unsettled: readonly string[] | null }): Lease {
    if (lease.holder?.instanceId === waiter.instanceId) return granted({ ...lease, holder: null, unsettled: unsettled ?? lease.unsettled });
    return { ...lease, waiting: lease.waiting.filter(({ instanceId }) => instanceId !== waiter.instanceId) };
  },

  /** Takes the lease from a holder whose instance has ended or is gone; what it was changing may still be in the middle of it. */
  evict(lease: Lease, { gone }: { gone: string }): Lease {
    if (lease.holder?.instanceId !== gone) return { ...lease, waiting: lease.waiting.filter(({ instanceId }) => instanceId !== gone) };
    const unsettled = [...new Set([...lease.unsettled, lease.holder.connectionName])];
    return granted({ ...lease, holder: null, unsettled });
  },
} as const;

/** How the lease looks to an instance. */
export function leaseViewOf({ holder, waiting, unsettled }: Lease, instanceId: string): LeaseView {
  const place = waiting.findIndex((waiter) => waiter.instanceId === instanceId);
  const position = holder?.instanceId === instanceId ? 0 : place < 0 ? null : place + 1;
  return { position, holder, unsettled };
}

function granted(lease: Lease): Lease {
  const [next, ...waiting] = lease.waiting;
  return lease.holder || !next ? lease : { ...lease, holder: next, waiting };
}

function byArrival(a: Waiter, b: Waiter): number {
  if (a.enqueuedAt !== b.enqueuedAt) return a.enqueuedAt < b.enqueuedAt ? -1 : 1;
  const [first, second] = [BigInt(a.sequenceNumber), BigInt(b.sequenceNumber)];
  if (first !== second) return first < second ? -1 : 1;
  return a.instanceId < b.instanceId ? -1 : 1;
}
