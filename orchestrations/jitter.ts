/**
 * Returns a number from 0 (inclusive) to 1 (exclusive) that depends only on the text.
 * Orchestrations must decide the same on every replay, so they cannot use random numbers. The hash
 * is FNV-1a over UTF-16 units with a final mix (http://www.isthe.com/chongo/tech/comp/fnv/).
 */
export function jitterOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
