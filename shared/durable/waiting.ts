import type { Arrival } from "./fence.ts";

/** A request that waits for a gateway, or holds it. The one that arrived first is next. */
export interface Waiter extends Arrival {
  readonly instanceId: string;
  /** The connection that the request changes. */
  readonly connectionName: string;
  /** How often the request has looked at the lease. It makes the name of its event. */
  readonly look: number;
}

/**
 * The requests that wait for a gateway, in order of arrival. Each is one string, because a gateway
 * is read and written as a whole, and strings take a third of the time that objects take.
 */
export type Waiting = readonly string[];

/**
 * Returns the name of the event that makes a request look at the lease again. It is new for each
 * look, so that an event cannot end an earlier wait.
 */
export function grantEventOf(look: number): string {
  return `leaseGranted.${look}`;
}

/** Returns the requests with one more, at its place. */
export function addWaiter(waiting: Waiting, waiter: Waiter): Waiting {
  const row = rowOf(waiter);
  return waiting.toSpliced(placeOf(row, waiting), 0, row);
}

/** Returns the requests without one. */
export function removeWaiter(waiting: Waiting, instanceId: string): Waiting {
  const matches = rowMatcher(instanceId);
  return waiting.filter((row) => !matches(row));
}

/** Returns the place of a request among those that wait, from 1; 0 if it does not wait. */
export function positionOf(waiting: Waiting, instanceId: string): number {
  return waiting.findIndex(rowMatcher(instanceId)) + 1;
}

/** Returns the requests that wait to change one connection. Letter case is ignored. */
export function waitersFor(waiting: Waiting, connectionName: string): readonly Waiter[] {
  const end = ` ${connectionName.toLowerCase()}`;
  return waiting.filter((row) => row.toLowerCase().endsWith(end)).map(waiterOf);
}

function rowMatcher(instanceId: string): (row: string) => boolean {
  const word = ` ${instanceId} `;
  return (row) => row.includes(word);
}

/**
 * Returns a waiter as a string. The strings sort by arrival, because all times have the same length
 * and numbers are padded. Parts are separated by spaces, and no part contains one.
 */
export function rowOf({ enqueuedAt, sequenceNumber, instanceId, look, queue, connectionName }: Waiter): string {
  return [enqueuedAt, sequenceNumber.padStart(20, "0"), instanceId, look, queue, connectionName].join(" ");
}

/** Returns the waiter of a string that `rowOf` made. */
export function waiterOf(row: string): Waiter {
  const [enqueuedAt = "", sequenceNumber = "", instanceId = "", look = "", queue = "", connectionName = ""] = row.split(" ");
  return { instanceId, queue, enqueuedAt, sequenceNumber: sequenceNumber.replace(/^0+(?=.)/, ""), connectionName, look: Number(look) };
}

/** Returns the index at which a row belongs in the sorted rows (binary search). */
function placeOf(row: string, rows: Waiting): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rows[middle] ?? "") < row) from = middle + 1;
    else to = middle;
  }
  return from;
}
