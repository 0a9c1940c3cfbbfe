import type { RequestQueues } from "./request-queues.ts";

/** Returns the source of a request whose message names none. It is made of the queue's name. */
export function sourceOfQueue(queue: string): string {
  return `/service-bus/${queue}`;
}

/**
 * Returns true if a source is a prefix or lies below it. Only whole path segments count, so
 * `/ticketing2` is not below `/ticketing`.
 */
function isBelow(source: string, prefix: string): boolean {
  return prefix === "" || source === prefix || source.startsWith(`${prefix}/`);
}

/** Returns the longest prefix that a source lies below, or undefined if there is none. */
export function longestPrefixOf(source: string, prefixes: Iterable<string>): string | undefined {
  const fitting = [...prefixes].filter((prefix) => isBelow(source, prefix));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/**
 * Returns true if a queue has a source prefix. Then the right to send to the queue authenticates
 * the sources below the prefix.
 */
export function hasPrefix(queue: string, queues: RequestQueues): boolean {
  return (queues.get(queue) ?? "") !== "";
}

/**
 * Returns true if a message of a queue may name a source. A source belongs to the queue with the
 * longest prefix that it lies below. A queue without a prefix may use sources that no other queue
 * owns. The source made of a queue's name (`sourceOfQueue`) belongs to that queue.
 */
export function isSourceAllowed(source: string, queue: string, queues: RequestQueues): boolean {
  const named = [...queues.keys()].find((each) => source === sourceOfQueue(each));
  if (named !== undefined) return named === queue;
  return longestPrefixOf(source, queues.values()) === queues.get(queue);
}
