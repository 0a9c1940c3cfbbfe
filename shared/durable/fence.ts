const DAY_MS = 86_400_000;
/** A queue deadline is at most 7 days, so no request that waits is older. */
const NOTED_FOR_MS = 8 * DAY_MS;
/** A message may wait in its queue, and be sent again after that. */
const ARRIVED_FOR_MS = 22 * DAY_MS;
/** In a partitioned queue the 16 bits above hold the partition, and numbers of two partitions say nothing about time. */
const LOWEST_PARTITIONED = 2n ** 48n;
/** A queue that was made anew counts from 1 again: a lower number that came this much later is newer. */
const COUNTED_ANEW_MS = 5 * 60_000;

/** When a request first came. */
export interface Arrival {
  readonly queue: string;
  /** When the broker took the message, ISO 8601 in UTC, and the number it gave it. */
  readonly enqueuedAt: string;
  readonly sequenceNumber: string;
}

/** Who sent a request, under which id. Both are empty if that is not known. */
export interface Requester {
  readonly requestSource: string;
  readonly requestId: string;
}

/**
 * The newest request of each connection that may have changed it, by the connection's name in lower
 * case. Each is one text, because a lease is read and written as a whole.
 */
export type Fences = Readonly<Record<string, string>>;

/** Says whether a request came before another one. Of two that cannot be told apart neither did. */
export function isOlder(one: Arrival, other: Arrival): boolean {
  const laterMs = Date.parse(one.enqueuedAt) - Date.parse(other.enqueuedAt);
  const [number, otherNumber] = [BigInt(one.sequenceNumber), BigInt(other.sequenceNumber)];
  const isOneCount = one.queue === other.queue && number < LOWEST_PARTITIONED && otherNumber < LOWEST_PARTITIONED;
  if (!isOneCount || Math.abs(laterMs) > COUNTED_ANEW_MS) return laterMs < 0;
  return number < otherNumber;
}

/** Returns who sent the newer request that has changed the connection; nothing if there is none. */
export function newerOf(fences: Fences, connectionName: string, arrival: Arrival): Requester | undefined {
  const name = connectionName.toLowerCase();
  const fence = Object.hasOwn(fences, name) ? fenceOf(fences[name] ?? "") : undefined;
  return fence && isOlder(arrival, fence.arrival) ? fence.requester : undefined;
}

/** Notes a request that may have changed a connection, and forgets what is too old to matter. */
export function noted(
  fences: Fences,
  connectionName: string,
  { queue, enqueuedAt, sequenceNumber }: Arrival,
  { requestSource, requestId }: Requester,
  now: string,
): Fences {
  const text = [now, enqueuedAt, sequenceNumber, queue, requestSource, requestId].join("\n");
  return { ...pruned(fences, now), [connectionName.toLowerCase()]: text };
}

function pruned(fences: Fences, now: string): Fences {
  const before = (milliseconds: number) => new Date(Date.parse(now) - milliseconds).toISOString();
  const [notedBefore, arrivedBefore] = [before(NOTED_FOR_MS), before(ARRIVED_FOR_MS)];
  // Times have one length, and compare as texts.
  const isOver = (text: string) =>
    text.slice(0, now.length) < notedBefore && text.slice(now.length + 1, 2 * now.length + 1) < arrivedBefore;
  return Object.fromEntries(Object.entries(fences).filter(([, text]) => !isOver(text)));
}

function fenceOf(text: string): { readonly arrival: Arrival; readonly requester: Requester } {
  const [, enqueuedAt = "", sequenceNumber = "", queue = "", requestSource = "", requestId = ""] = text.split("\n");
  return { arrival: { queue, enqueuedAt, sequenceNumber }, requester: { requestSource, requestId } };
}
