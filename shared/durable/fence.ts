const DAY_MS = 86_400_000;
/** A queue deadline is at most 7 days, so no waiting request is older. */
const NOTED_FOR_MS = 8 * DAY_MS;
/** A message may wait in its queue, and may be sent to it again after that. */
const ARRIVED_FOR_MS = 22 * DAY_MS;
/**
 * In a partitioned queue the highest 16 bits of a sequence number are the partition. Numbers of
 * different partitions do not show which message is older.
 */
const LOWEST_PARTITIONED = 2n ** 48n;
/** A recreated queue counts from 1 again. A lower number that arrived this much later is newer. */
const COUNTED_ANEW_MS = 5 * 60_000;

/** When and where a request first arrived. */
export interface Arrival {
  readonly queue: string;
  /** When the broker accepted the message (ISO 8601, UTC), and the number it gave to it. */
  readonly enqueuedAt: string;
  readonly sequenceNumber: string;
}

/** The source and the id of a request. Both are empty if they are unknown. */
export interface Requester {
  readonly requestSource: string;
  readonly requestId: string;
}

/**
 * For each connection (name in lower case) the newest request that may have changed it. Each entry
 * is one string, because a lease is read and written as a whole and strings cost less than objects.
 */
export type Fences = Readonly<Record<string, string>>;

/** Returns true if one request arrived before the other. Returns false if the order is unknown. */
export function isOlder(one: Arrival, other: Arrival): boolean {
  const laterMs = Date.parse(one.enqueuedAt) - Date.parse(other.enqueuedAt);
  const [number, otherNumber] = [BigInt(one.sequenceNumber), BigInt(other.sequenceNumber)];
  const isOneCount = one.queue === other.queue && number < LOWEST_PARTITIONED && otherNumber < LOWEST_PARTITIONED;
  if (!isOneCount || Math.abs(laterMs) > COUNTED_ANEW_MS) return laterMs < 0;
  return number < otherNumber;
}

/** Returns the requester of a newer request that may have changed the connection, or undefined. */
export function findNewerRequester(fences: Fences, connectionName: string, arrival: Arrival): Requester | undefined {
  const name = connectionName.toLowerCase();
  const fence = Object.hasOwn(fences, name) ? fenceOf(fences[name] ?? "") : undefined;
  return fence && isOlder(arrival, fence.arrival) ? fence.requester : undefined;
}

/** Adds the fence of a request that may have changed a connection, and removes expired fences. */
export function addFence(
  fences: Fences,
  connectionName: string,
  { queue, enqueuedAt, sequenceNumber }: Arrival,
  { requestSource, requestId }: Requester,
  now: string,
): Fences {
  const text = [now, enqueuedAt, sequenceNumber, queue, requestSource, requestId].join("\n");
  return { ...removeExpired(fences, now), [connectionName.toLowerCase()]: text };
}

function removeExpired(fences: Fences, now: string): Fences {
  const before = (milliseconds: number) => new Date(Date.parse(now) - milliseconds).toISOString();
  const [notedBefore, arrivedBefore] = [before(NOTED_FOR_MS), before(ARRIVED_FOR_MS)];
  // All times have the same length, so they can be compared as strings.
  const isExpired = (text: string) =>
    text.slice(0, now.length) < notedBefore && text.slice(now.length + 1, 2 * now.length + 1) < arrivedBefore;
  return Object.fromEntries(Object.entries(fences).filter(([, text]) => !isExpired(text)));
}

function fenceOf(text: string): { readonly arrival: Arrival; readonly requester: Requester } {
  const [, enqueuedAt = "", sequenceNumber = "", queue = "", requestSource = "", requestId = ""] = text.split("\n");
  return { arrival: { queue, enqueuedAt, sequenceNumber }, requester: { requestSource, requestId } };
}
