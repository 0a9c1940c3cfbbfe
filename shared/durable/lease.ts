import { type Arrival, addFence, type Fences, findNewerRequester, type Requester } from "./fence.ts";

/** A request that waits for a gateway. The lowest time, then the lowest number, is next. */
export interface Waiter extends Arrival {
  readonly instanceId: string;
  /** The connection that the request changes. */
  readonly connectionName: string;
  /**
   * The name of the event that makes the request look at the lease again. It is new for each look,
   * so that an event cannot end an earlier wait.
   */
  readonly event: string;
}

/**
 * The lease of one gateway: the request that may change it, the requests that wait, and the
 * connections that a former holder may have left in the middle of a change.
 */
export interface Lease {
  readonly holder: Waiter | null;
  /**
   * One string for each waiting request, in order of arrival. A lease is read and written as a
   * whole, and strings take a third of the time that objects take.
   */
  readonly waiting: readonly string[];
  /** Names of connections of which a change may still be in progress in Azure. */
  readonly unsettled: readonly string[];
  readonly fences: Fences;
}

/** The lease as one request sees it. */
export interface LeaseView {
  /** 0 is the holder, 1 is next. Null if the request is not in the queue. */
  readonly position: number | null;
  readonly holder: Waiter | null;
  /** Connections whose changes must have ended before the holder may write. */
  readonly unsettled: readonly string[];
  /** Set if the request was refused because a newer request has changed its connection. */
  readonly supersededBy: Requester | null;
  /** The requests that this operation removed from the queue as superseded. They must be woken. */
  readonly superseded: readonly Pick<Waiter, "instanceId" | "event">[];
}

export const freeLease: Lease = { holder: null, waiting: [], unsettled: [], fences: {} };

/**
 * The operations of a lease. Each returns the new state. Repeating an operation changes nothing.
 */
export const leaseOperations = {
  /**
   * Takes the lease if it is free. Otherwise joins the queue. If the request is already in the
   * queue, only its event name changes. A request that is older than the last change of its
   * connection is not added.
   */
  join(lease: Lease, { waiter }: { waiter: Waiter }): Lease {
    if (lease.holder?.instanceId === waiter.instanceId) return { ...lease, holder: waiter };
    const [others, row] = [queueWithout(lease, waiter.instanceId), rowOf(waiter)];
    if (findNewerRequester(lease.fences, waiter.connectionName, waiter)) return { ...lease, waiting: others };
    return grantNext({ ...lease, waiting: others.toSpliced(placeOf(row, others), 0, row) });
  },

  /**
   * Gives up the lease or the place in the queue. `unsettled` names the connections that the
   * holder leaves unsettled, or is null if the holder never learned that it had the lease.
   * `changedBy` is set if the holder may have changed its connection.
   */
  release(
    lease: Lease,
    {
      waiter,
      unsettled,
      changedBy,
      now,
    }: { waiter: Pick<Waiter, "instanceId">; unsettled: readonly string[] | null; changedBy: Requester | null; now: string },
  ): Lease {
    const { holder } = lease;
    if (holder?.instanceId !== waiter.instanceId) return { ...lease, waiting: queueWithout(lease, waiter.instanceId) };
    const left = { ...lease, holder: null, unsettled: unsettled ?? lease.unsettled };
    return grantNext(changedBy ? raiseFence(left, holder, changedBy, now) : left);
  },

  /**
   * Takes the lease from a holder whose instance no longer runs. Its connection counts as changed
   * and as unsettled.
   */
  evict(lease: Lease, { gone, now }: { gone: string; now: string }): Lease {
    const { holder } = lease;
    if (holder?.instanceId !== gone) return { ...lease, waiting: queueWithout(lease, gone) };
    const unsettled = [...new Set([...lease.unsettled, holder.connectionName])];
    return grantNext(raiseFence({ ...lease, holder: null, unsettled }, holder, { requestSource: "", requestId: "" }, now));
  },
} as const;

/** Returns the lease after an operation, as the calling request (`asking`) sees it. */
export function leaseViewOf(
  lease: Lease,
  before: Lease,
  { asking, waiter }: { readonly asking: string; readonly waiter?: Pick<Waiter, "instanceId"> | Waiter },
): LeaseView {
  const { holder, waiting, unsettled, fences } = lease;
  const place = holder?.instanceId === asking ? 0 : waiting.findIndex(rowMatcher(asking)) + 1;
  const position = holder?.instanceId === asking || place > 0 ? place : null;
  const isFenceNew = fences !== before.fences;
  const superseded = isFenceNew ? findSuperseded({ ...before, fences }, before.holder?.connectionName ?? "") : [];
  const joined = position === null && waiter && "event" in waiter ? waiter : undefined;
  return {
    position,
    holder,
    unsettled,
    supersededBy: (joined && findNewerRequester(fences, joined.connectionName, joined)) ?? null,
    superseded: superseded.map(({ instanceId, event }) => ({ instanceId, event })),
  };
}

/** Adds a fence for the holder's connection and removes older requests for it from the queue. */
function raiseFence(lease: Lease, holder: Waiter, requester: Requester, now: string): Lease {
  const fences = addFence(lease.fences, holder.connectionName, holder, requester, now);
  const superseded = new Set(findSuperseded({ ...lease, fences }, holder.connectionName).map(rowOf));
  return { ...lease, fences, waiting: lease.waiting.filter((row) => !superseded.has(row)) };
}

function findSuperseded({ waiting, fences }: Lease, connectionName: string): readonly Waiter[] {
  const end = ` ${connectionName.toLowerCase()}`;
  const ofIt = waiting.filter((row) => row.toLowerCase().endsWith(end)).map(waiterOf);
  return ofIt.filter((waiter) => findNewerRequester(fences, connectionName, waiter));
}

/** Makes the first waiting request the holder if there is no holder. */
function grantNext(lease: Lease): Lease {
  const [next, ...waiting] = lease.waiting;
  return lease.holder || next === undefined ? lease : { ...lease, holder: waiterOf(next), waiting };
}

function queueWithout({ waiting }: Lease, instanceId: string): readonly string[] {
  const matches = rowMatcher(instanceId);
  return waiting.filter((row) => !matches(row));
}

function rowMatcher(instanceId: string): (row: string) => boolean {
  const word = ` ${instanceId} `;
  return (row) => row.includes(word);
}

/**
 * Returns a waiter as a string. The strings sort by arrival, because all times have the same length
 * and numbers are padded. Parts are separated by spaces, and no part contains one.
 */
export function rowOf({ enqueuedAt, sequenceNumber, instanceId, event, queue, connectionName }: Waiter): string {
  return [enqueuedAt, sequenceNumber.padStart(20, "0"), instanceId, event, queue, connectionName].join(" ");
}

/** Returns the waiter of a string that `rowOf` made. */
export function waiterOf(row: string): Waiter {
  const [enqueuedAt = "", sequenceNumber = "", instanceId = "", event = "", queue = "", connectionName = ""] = row.split(" ");
  return { instanceId, queue, enqueuedAt, sequenceNumber: sequenceNumber.replace(/^0+(?=.)/, ""), connectionName, event };
}

/** Returns the index at which a row belongs in the sorted rows (binary search). */
function placeOf(row: string, rows: readonly string[]): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rows[middle] ?? "") < row) from = middle + 1;
    else to = middle;
  }
  return from;
}
