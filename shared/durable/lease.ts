import { type Arrival, addFence, type Fences, findNewerRequester, type Requester } from "./fence.ts";

/** One request in the queue of a gateway: among the waiting the lowest time and number is next. */
export interface Waiter extends Arrival {
  readonly instanceId: string;
  /** The connection it wants to change. */
  readonly connectionName: string;
  /** The name of the event that tells it to look again. It changes with every look, so that an event cannot end an earlier wait. */
  readonly event: string;
}

/**
 * The lease of one gateway: who may change it, who waits, the connections that a former holder may
 * have left in the middle of a change, and the newest request of each connection.
 */
export interface Lease {
  readonly holder: Waiter | null;
  /** One text for each request that waits, in order of arrival. A lease is read and written as a whole, and texts are a third of the cost of objects. */
  readonly waiting: readonly string[];
  readonly unsettled: readonly string[];
  readonly fences: Fences;
}

/** How the lease looks to one request. */
export interface LeaseView {
  /** 0 holds the lease, 1 is next; null is not in the queue. */
  readonly position: number | null;
  readonly holder: Waiter | null;
  /** Connections that must be seen settled before the holder may write. */
  readonly unsettled: readonly string[];
  /** Who sent the newer request for the same connection; null unless this one came too late for the queue. */
  readonly supersededBy: Requester | null;
  /** Who has just left the queue for a newer request, and has to be woken. */
  readonly superseded: readonly Pick<Waiter, "instanceId" | "event">[];
}

export const freeLease: Lease = { holder: null, waiting: [], unsettled: [], fences: {} };

/** What happens to a lease, by operation; each returns the lease afterwards. Repeating any of them changes nothing. */
export const leaseOperations = {
  /**
   * Takes the lease if it is free, and waits in order otherwise. A request that is in already gets
   * its event renamed; one that is older than the last change of its connection does not get in.
   */
  join(lease: Lease, { waiter }: { waiter: Waiter }): Lease {
    if (lease.holder?.instanceId === waiter.instanceId) return { ...lease, holder: waiter };
    const [others, row] = [without(lease, waiter.instanceId), rowOf(waiter)];
    if (findNewerRequester(lease.fences, waiter.connectionName, waiter)) return { ...lease, waiting: others };
    return granted({ ...lease, waiting: others.toSpliced(placeOf(row, others), 0, row) });
  },

  /**
   * Gives the lease up, or the place in the queue. The holder says which connections it leaves
   * unsettled (null if it never heard of its grant) and who it is if it may have changed its own.
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
    if (holder?.instanceId !== waiter.instanceId) return { ...lease, waiting: without(lease, waiter.instanceId) };
    const left = { ...lease, holder: null, unsettled: unsettled ?? lease.unsettled };
    return granted(changedBy ? fenced(left, holder, changedBy, now) : left);
  },

  /** Takes the lease from a holder whose instance has ended or is gone: it may have changed its connection, and still be changing it. */
  evict(lease: Lease, { gone, now }: { gone: string; now: string }): Lease {
    const { holder } = lease;
    if (holder?.instanceId !== gone) return { ...lease, waiting: without(lease, gone) };
    const unsettled = [...new Set([...lease.unsettled, holder.connectionName])];
    return granted(fenced({ ...lease, holder: null, unsettled }, holder, { requestSource: "", requestId: "" }, now));
  },
} as const;

/** How the lease looks after an operation to the request that asked for it. */
export function leaseViewOf(
  lease: Lease,
  before: Lease,
  { asking, waiter }: { readonly asking: string; readonly waiter?: Pick<Waiter, "instanceId"> | Waiter },
): LeaseView {
  const { holder, waiting, unsettled, fences } = lease;
  const place = holder?.instanceId === asking ? 0 : waiting.findIndex(isOf(asking)) + 1;
  const position = holder?.instanceId === asking || place > 0 ? place : null;
  const [addFence, of] = [fences !== before.fences, before.holder?.connectionName ?? ""];
  const joined = position === null && waiter && "event" in waiter ? waiter : undefined;
  return {
    position,
    holder,
    unsettled,
    supersededBy: (joined && findNewerRequester(fences, joined.connectionName, joined)) ?? null,
    superseded: addFence ? supersededIn({ ...before, fences }, of).map(({ instanceId, event }) => ({ instanceId, event })) : [],
  };
}

/** Notes that a connection may have been changed; older requests for it leave the queue. */
function fenced(lease: Lease, holder: Waiter, requester: Requester, now: string): Lease {
  const fences = addFence(lease.fences, holder.connectionName, holder, requester, now);
  const superseded = new Set(supersededIn({ ...lease, fences }, holder.connectionName).map(rowOf));
  return { ...lease, fences, waiting: lease.waiting.filter((row) => !superseded.has(row)) };
}

function supersededIn({ waiting, fences }: Lease, connectionName: string): readonly Waiter[] {
  const end = ` ${connectionName.toLowerCase()}`;
  const ofIt = waiting.filter((row) => row.toLowerCase().endsWith(end)).map(waiterOf);
  return ofIt.filter((waiter) => findNewerRequester(fences, connectionName, waiter));
}

function granted(lease: Lease): Lease {
  const [next, ...waiting] = lease.waiting;
  return lease.holder || next === undefined ? lease : { ...lease, holder: waiterOf(next), waiting };
}

function without({ waiting }: Lease, instanceId: string): readonly string[] {
  const isIts = isOf(instanceId);
  return waiting.filter((row) => !isIts(row));
}

function isOf(instanceId: string): (row: string) => boolean {
  const word = ` ${instanceId} `;
  return (row) => row.includes(word);
}

/** A waiter as a text that sorts by arrival: times have one length, and numbers are filled up to the length of the largest. No part has a space in it. */
export function rowOf({ enqueuedAt, sequenceNumber, instanceId, event, queue, connectionName }: Waiter): string {
  return [enqueuedAt, sequenceNumber.padStart(20, "0"), instanceId, event, queue, connectionName].join(" ");
}

/** Reads a waiter from its text. */
export function waiterOf(row: string): Waiter {
  const [enqueuedAt = "", sequenceNumber = "", instanceId = "", event = "", queue = "", connectionName = ""] = row.split(" ");
  return { instanceId, queue, enqueuedAt, sequenceNumber: sequenceNumber.replace(/^0+(?=.)/, ""), connectionName, event };
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
