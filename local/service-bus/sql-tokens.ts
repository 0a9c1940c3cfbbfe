/** A token of an SQL filter. `at` is its position; the first character is 1. */
export interface Token {
  readonly kind: "number" | "string" | "identifier" | "keyword" | "symbol" | "end";
  /** A keyword is in upper case. A string or identifier is without its quotes. */
  readonly text: string;
  readonly at: number;
}

const keywords = ["AND", "OR", "NOT", "IN", "LIKE", "ESCAPE", "IS", "NULL", "EXISTS", "TRUE", "FALSE"];
/** Tried in this order. */
const patterns: readonly (readonly [kind: Token["kind"] | "space", pattern: RegExp])[] = [
  ["space", /\s+/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["string", /'(?:[^']|'')*'/y],
  ["identifier", /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ["keyword", /\p{L}[_\p{L}\p{Nd}]*/uy],
  ["symbol", /<>|!=|<=|>=|[=<>(),.+\-*/%@]/y],
];

/**
 * Splits an SQL filter into tokens. The last one is the end. Throws a sentence if a part is not a
 * token.
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const found = patterns.map(([kind, pattern]) => ({ kind, text: matchAt(pattern, sql, at) })).find(({ text }) => text !== undefined);
    if (found?.text === undefined) throw new Error(`cannot be read at position ${at + 1}: ${sql.slice(at, at + 20)}`);
    if (found.kind !== "space") tokens.push(tokenOf(found.kind, found.text, at + 1));
    at += found.text.length;
  }
  return [...tokens, { kind: "end", text: "the end", at: sql.length + 1 }];
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function tokenOf(kind: Token["kind"], text: string, at: number): Token {
  if (kind === "keyword") {
    const keyword = text.toUpperCase();
    return keywords.includes(keyword) ? { kind, text: keyword, at } : { kind: "identifier", text, at };
  }
  if (kind !== "string" && kind !== "identifier") return { kind, text, at };
  const last = text.at(-1) ?? "";
  return { kind, text: text.slice(1, -1).replaceAll(last + last, last), at };
}
