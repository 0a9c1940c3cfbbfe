import type { Actor } from "./problem-codes.ts";

/** Enough to mend any request in good faith. A hostile one must not fill the history. */
export const MAX_FINDINGS = 200;

/** One thing said about a request: an error stops it, a warning travels with its completion. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is allowed and what was found. */
  readonly message: string;
  /** JSON pointer (RFC 6901) into the request's `data`, or into the envelope where it starts with `/@`. */
  readonly target: string;
  /** Where the rule stands. */
  readonly source?: string | undefined;
  /** Who must act on it. */
  readonly actor: Actor;
}

/** Writes a path as a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Orders findings by target, then code, so that the same request is always answered with the same list. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => compare(a.target, b.target) || compare(a.code, b.code));
}

/** Shortens a list of findings, errors kept before warnings, and says how many are missing; `unlisted` ones were never in the list. */
export function atMost(findings: readonly Finding[], most: number, unlisted = 0): readonly Finding[] {
  const missing = Math.max(findings.length - most, 0) + unlisted;
  if (missing === 0) return findings;
  const message = `${missing} more findings were left out.`;
  const { error = [], warning = [] } = Object.groupBy(findings, ({ severity }) => severity);
  const kept = inOrder([...error, ...warning].slice(0, most));
  return [...kept, { code: "Truncated", severity: "warning", target: "", message, actor: "nobody" }];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
