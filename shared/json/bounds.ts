import { createScanner } from "jsonc-parser";
import { describePlace } from "./place.ts";

/**
 * What one message may hold. The bounds are checked before anything is built from the text. Each is
 * Azure's own limit, if one is known. If not, it is at least ten times the most that recorded
 * traffic, published templates and our examples hold (the figure in brackets); most are far more.
 */
export const messageBounds = {
  /**
   * https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-quotas (Standard
   * tier; Premium allows more).
   */
  bytes: 262_144,
  /**
   * Levels of arrays and objects (11). Less than ten times that, because recursion over deep
   * nesting would overflow the stack.
   */
  depth: 32,
  /** Values of every kind in the whole text (189). */
  values: 50_000,
  /** Items of one array (4). */
  items: 20_000,
  /** Characters of a property name (45). */
  nameLength: 1_024,
  /** Characters of a text (3,011, a signed URL). */
  textLength: 32_768,
} as const;

/**
 * The scanner declares its token kinds as a `const enum`, which type stripping cannot resolve
 * (https://github.com/microsoft/node-jsonc-parser/blob/main/src/main.ts).
 */
const kind = { OpenBrace: 1, CloseBrace: 2, OpenBracket: 3, CloseBracket: 4, Comma: 5, Colon: 6, String: 10, EndOfFile: 17 } as const;

/** An array or object that is not closed yet. */
interface Open {
  /** The property names so far; null in an array. */
  readonly names: Set<string> | null;
  items: number;
}

/** A reason to refuse a JSON text. */
export interface JsonFault {
  /** What is wrong and where, in one sentence. */
  readonly message: string;
  /** Whether the text is nested so deeply that nothing recursive may read it. */
  readonly isTooDeep: boolean;
}

/**
 * Returns the first place where a JSON text breaks a bound or has a property name twice: JSON.parse
 * keeps only the last of two equal names. The text need not be valid JSON. It is read token by
 * token, because recursion over hostile nesting overflows the stack.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const scanner = createScanner(text, true);
  const open: Open[] = [];
  let values = 0;
  let previous: number | undefined;
  const faultHere = (what: string, isTooDeep = false): JsonFault => {
    return { message: `${what}, at ${describePlace(text, scanner.getTokenOffset())}.`, isTooDeep };
  };
  for (let token: number = scanner.scan(); token !== kind.EndOfFile; previous = token, token = scanner.scan()) {
    if (token === kind.CloseBrace || token === kind.CloseBracket) open.pop();
    if (token === kind.CloseBrace || token === kind.CloseBracket || token === kind.Comma || token === kind.Colon) continue;
    const within = open.at(-1);
    if (token === kind.String && within?.names && previous !== kind.Colon) {
      const name = scanner.getTokenValue();
      if (name.length > messageBounds.nameLength)
        return faultHere(`The body has a property name of more than ${messageBounds.nameLength} characters`);
      if (within.names.has(name)) return faultHere(`The property ${JSON.stringify(name.slice(0, 64))} appears twice in one object`);
      within.names.add(name);
      continue;
    }
    if (++values > messageBounds.values) return faultHere(`The body has more than ${messageBounds.values} values`);
    if (within && !within.names && ++within.items > messageBounds.items)
      return faultHere(`The body has an array of more than ${messageBounds.items} items`);
    if (token === kind.String && scanner.getTokenValue().length > messageBounds.textLength)
      return faultHere(`The body has a string of more than ${messageBounds.textLength} characters`);
    if (token !== kind.OpenBrace && token !== kind.OpenBracket) continue;
    open.push({ names: token === kind.OpenBrace ? new Set() : null, items: 0 });
    if (open.length > messageBounds.depth) return faultHere(`The body is nested more than ${messageBounds.depth} levels deep`, true);
  }
  return undefined;
}
