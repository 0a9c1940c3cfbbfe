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
  /** One text for each request that waits, in order of arrival. A lease is read and written as a whole, and texts are a third of the cost of objects. */
  readonly waiting: readonly string[];
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
    const [others, row] = [without(lease, waiter.instanceId), rowOf(waiter)];
    return granted({ ...lease, waiting: others.toSpliced(placeOf(row, others), 0, row) });
  },

  /** Gives the lease up, or the place in the queue. The holder says which connections it leaves unsettled; null from one that never heard of its grant. */
  release(lease: Lease, { waiter, unsettled }: { waiter: Pick<Waiter, "instanceId">; unsettled: readonly string[] | null }): Lease {
    if (lease.holder?.instanceId === waiter.instanceId) return granted({ ...lease, holder: null, unsettled: unsettled ?? lease.unsettled });
    return { ...lease, waiting: without(lease, waiter.instanceId) };
  },

  /** Takes the lease from a holder whose instance has ended or is gone; what it was changing may still be in the middle of it. */
  evict(lease: Lease, { gone }: { gone: string }): Lease {
    if (lease.holder?.instanceId !== gone) return { ...lease, waiting: without(lease, gone) };
    const unsettled = [...new Set([...lease.unsettled, lease.holder.connectionName])];
    return granted({ ...lease, holder: null, unsettled });
  },
} as const;

/** How the lease looks to an instance. */
export function leaseViewOf({ holder, waiting, unsettled }: Lease, instanceId: string): LeaseView {
  if (holder?.instanceId === instanceId) return { position: 0, holder, unsettled };
  const place = waiting.findIndex(isOf(instanceId));
  return { position: place < 0 ? null : place + 1, holder, unsettled };
}

function granted(lease: Lease): Lease {
  const [next, ...waiting] = textsIn(lease);
  return lease.holder || next === undefined ? lease : { ...lease, holder: waiterOf(next), waiting };
}

function without(lease: Lease, instanceId: string): readonly string[] {
  const isIts = isOf(instanceId);
  return textsIn(lease).filter((row) => !isIts(row));
}

/** The rows of a lease. The data directory of a development host may hold some that are objects, as they once were. */
function textsIn({ waiting }: { readonly waiting: readonly (string | Waiter)[] }): readonly string[] {
  return waiting.map((row) => (typeof row === "string" ? row : rowOf(row)));
}

function isOf(instanceId: string): (row: string) => boolean {
  const word = ` ${instanceId} `;
  return (row) => row.includes(word);
}

/** A waiter as a text that sorts by arrival: times have one length, and numbers are filled up to the length of the largest. No part has a space in it. */
export function rowOf({ enqueuedAt, sequenceNumber, instanceId, event, connectionName }: Waiter): string {
  return [enqueuedAt, sequenceNumber.padStart(20, "0"), instanceId, event, connectionName].join(" ");
}

/** Reads a waiter from its text. */
export function waiterOf(row: string): Waiter {
  const [enqueuedAt = "", sequenceNumber = "", instanceId = "", event = "", connectionName = ""] = row.split(" ");
  return { instanceId, enqueuedAt, sequenceNumber: sequenceNumber.replace(/^0+(?=.)/, ""), connectionName, event };
}

/** The first place whose row comes behind, by halving. */
function placeOf(row: string, rows: readonly string[]): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rows[middle] ?? "") < row) from = middle + 1;
    else to = middle;
  }
  return from;
}
