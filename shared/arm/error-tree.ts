import type { ArmError } from "../contract/problem.ts";

/** Deeper nesting of an error is not looked into. */
const DEEPEST = 12;

/** Every code in an error, the outermost first: in details, inner errors, and JSON that stands in a message, because Resource Manager wraps what a provider says. */
export function errorCodes(arm: ArmError): string[] {
  return namedIn(arm, ["code"]);
}

/** Every text that stands under one of the names anywhere in an error, each once. */
export function namedIn(error: unknown, names: readonly string[]): string[] {
  const found = new Set<string>();
  const walk = (node: unknown, depth: number): void => {
    if (depth > DEEPEST) return;
    if (typeof node === "string") {
      const json = jsonIn(node);
      if (json !== undefined) walk(json, depth + 1);
    } else if (typeof node === "object" && node !== null) {
      for (const [name, value] of Object.entries(node)) if (names.includes(name) && typeof value === "string") found.add(value);
      for (const value of Object.values(node)) walk(value, depth + 1);
    }
  };
  walk(error, 0);
  return [...found];
}

/** Every text anywhere in an error. */
export function textsIn(error: unknown): string[] {
  if (typeof error === "string") return [error];
  return typeof error === "object" && error !== null ? Object.values(error).flatMap(textsIn) : [];
}

/** The JSON object or array that a text is, or ends with. */
function jsonIn(text: string): unknown {
  const start = text.search(/[[{]/);
  if (start < 0 || text.length > 100_000) return undefined;
  for (const end of [text.length, text.lastIndexOf("}") + 1, text.lastIndexOf("]") + 1]) {
    try {
      return JSON.parse(text.slice(start, end));
    } catch {
      // The text has something behind it, or is no JSON.
    }
  }
  return undefined;
}
