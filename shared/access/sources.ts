import type { RequestQueues } from "./request-queues.ts";

/** Returns the source of a request that names none: the queue it came by. */
export function sourceOfQueue(queue: string): string {
  return `/service-bus/${queue}`;
}

/**
 * Returns whether a source lies below a prefix: whole path segments only, so `/ticketing2` is not
 * below `/ticketing`.
 */
export function isBelow(source: string, prefix: string): boolean {
  return prefix === "" || source === prefix || source.startsWith(`${prefix}/`);
}

/** Returns the longest of the prefixes that a source lies below. */
export function longestPrefixOf(source: string, prefixes: Iterable<string>): string | undefined {
  const fitting = [...prefixes].filter((prefix) => isBelow(source, prefix));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/**
 * Returns whether the senders of a queue can only use the sources of one prefix, so that a source
 * there is authenticated.
 */
export function hasPrefix(queue: string, queues: RequestQueues): boolean {
  return (queues.get(queue) ?? "") !== "";
}

/**
 * Returns whether a message of a queue may name a source. A source belongs to the queue with the
 * longest prefix that it lies below. A queue without a prefix may use what no other queue owns.
 */
export function isSourceAllowed(source: string, queue: string, queues: RequestQueues): boolean {
  const named = [...queues.keys()].find((each) => source === sourceOfQueue(each));
  if (named !== undefined) return named === queue;
  return longestPrefixOf(source, queues.values()) === queues.get(queue);
}
