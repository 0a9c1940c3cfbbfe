import type { ArmError } from "../contract/problem.ts";

/** Deeper levels of an error are not searched. */
const DEEPEST = 12;

/**
 * Returns all codes in an error, the outermost first. It also searches details, inner errors, and
 * JSON in messages, because Resource Manager wraps the errors of resource providers.
 */
export function errorCodes(arm: ArmError): string[] {
  return findTextsNamed(arm, ["code"]);
}

/** Returns all different strings of properties with one of the names, anywhere in an error. */
export function findTextsNamed(error: unknown, names: readonly string[]): string[] {
  const found = new Set<string>();
  const walk = (node: unknown, depth: number): void => {
    if (depth > DEEPEST) return;
    if (typeof node === "string") {
      const json = parseEmbeddedJson(node);
      if (json !== undefined) walk(json, depth + 1);
    } else if (typeof node === "object" && node !== null) {
      for (const [name, value] of Object.entries(node)) if (names.includes(name) && typeof value === "string") found.add(value);
      for (const value of Object.values(node)) walk(value, depth + 1);
    }
  };
  walk(error, 0);
  return [...found];
}

/** Returns all strings anywhere in an error. */
export function collectTexts(error: unknown): string[] {
  if (typeof error === "string") return [error];
  return typeof error === "object" && error !== null ? Object.values(error).flatMap(collectTexts) : [];
}

/** Returns the JSON object or array in a text, or undefined. Other text may surround it. */
function parseEmbeddedJson(text: string): unknown {
  const start = text.search(/[[{]/);
  if (start < 0 || text.length > 100_000) return undefined;
  for (const end of [text.length, text.lastIndexOf("}") + 1, text.lastIndexOf("]") + 1]) {
    try {
      return JSON.parse(text.slice(start, end));
    } catch {
      // Not JSON up to this end: try the next one.
    }
  }
  return undefined;
}
