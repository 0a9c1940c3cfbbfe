const DEEPEST = 8;
/** For what Azure says. */
const anyTree = { items: 50, nodes: 1_000 };
/** Every list of the contract fits, and a connection that has most of them full. */
export const treeOfRequest = { items: 100, nodes: 10_000 };
const LONGEST_TEXT = 2_000;
const LONGEST_NAME = 200;
/** Replaces what was cut. */
const cut = "…";

/** Returns a text of at most `most` characters; a longer one ends with `…`. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // A cut between the two halves of a character would leave half of it.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}${cut}`;
}

/** Does the same for a text that may be null. */
export function cutTextOrNull(text: string | null, most: number): string | null {
  return text === null ? null : cutText(text, most);
}

/**
 * Returns a JSON value with a bounded depth and number of values, and with bounded lists, names and
 * strings. What is cut is replaced by `…`. Recursion ends at the bound, so the value may have any
 * depth.
 */
export function cutTree(value: unknown, most = anyTree): unknown {
  let nodes = 0;
  const walk = (node: unknown, depth: number): unknown => {
    if (++nodes > most.nodes) return cut;
    if (typeof node === "string") return cutText(node, LONGEST_TEXT);
    if (typeof node !== "object" || node === null) return node;
    if (depth === DEEPEST) return cut;
    if (Array.isArray(node)) {
      const items = node.slice(0, most.items).map((item) => walk(item, depth + 1));
      return node.length > most.items ? [...items, cut] : items;
    }
    const names = Object.keys(node);
    const kept = names.slice(0, most.items).map((name) => {
      return [cutText(name, LONGEST_NAME), walk((node as Record<string, unknown>)[name], depth + 1)] as const;
    });
    return Object.fromEntries(names.length > most.items ? [...kept, [cut, cut]] : kept);
  };
  return walk(value, 0);
}
