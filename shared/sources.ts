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
 * Returns whether a message of a queue may name a source. Where prefixes of two queues lie inside
 * one another, the source belongs to the queue with the longer one.
 */
export function isSourceAllowed(source: string, queue: string, queues: RequestQueues): boolean {
  if (source === sourceOfQueue(queue) || !hasPrefix(queue, queues)) return true;
  return longestPrefixOf(source, queues.values()) === queues.get(queue);
}
