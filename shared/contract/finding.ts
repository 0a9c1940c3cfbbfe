import type { Actor } from "./problem-codes.ts";

/** Enough to correct any honest request. A hostile one must not fill the history. */
export const MAX_FINDINGS = 200;

/**
 * One thing that is wrong with a request. An error stops it. A warning is added to its completion.
 */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong and what to do. */
  readonly message: string;
  /** JSON pointer (RFC 6901) from the root of the document that the requester wrote. */
  readonly target: string;
  /** The page that has the rule. */
  readonly source?: string | undefined;
  /** Who must act on it. */
  readonly actor: Actor;
}

/** Writes a path as a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Sorts findings by target, then by code, so that the same request always has the same list. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => compare(a.target, b.target) || compare(a.code, b.code));
}

/**
 * Shortens a list of findings and adds how many are missing. Errors are kept before warnings.
 * `unlisted` is the number of findings that were never in the list.
 */
export function limitFindings(findings: readonly Finding[], most: number, unlisted = 0): readonly Finding[] {
  const missing = Math.max(findings.length - most, 0) + unlisted;
  if (missing === 0) return findings;
  const message = `${missing} more finding${missing === 1 ? " was" : "s were"} left out.`;
  const { error = [], warning = [] } = Object.groupBy(findings, ({ severity }) => severity);
  const kept = sortFindings([...error, ...warning].slice(0, most));
  return [...kept, { code: "Truncated", severity: "warning", target: "", message, actor: "nobody" }];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
