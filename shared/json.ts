import { createScanner } from "jsonc-parser";

/** Deeper nesting than this is refused: no request needs it, and recursion over it would be an attack. */
const MAX_DEPTH = 32;

/** A JSON text that is refused, with a sentence for its sender, and its value where it has one all the same. */
export class JsonError extends Error {
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Parses bytes as strict JSON: UTF-8 only, no duplicate keys, at most 32 levels deep. Keys such as `__proto__` are kept as plain data.
 * Throws JsonError with a sentence that says what is wrong and where.
 */
export function parseJson(bytes: Uint8Array): { value: unknown; text: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JsonError("The body is not valid UTF-8.");
  }
  if (text.trim() === "") throw new JsonError("The body is empty.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonError(`The body is not valid JSON: ${place(error)}.`);
  }
  const fault = deepOrDuplicate(text);
  if (fault) throw new JsonError(fault, value);
  return { value, text };
}

/** V8 quotes the text around the fault, which may be a secret: only the position is kept. */
function place(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "it ends too early or is malformed" : `unexpected text at position ${position}`;
}

/**
 * What JSON.parse lets pass: nesting without end, and keys of which it keeps only the last. Reads tokens one by one, because anything that recurses over
 * hostile nesting overflows the stack. The text is known to be valid JSON.
 */
function deepOrDuplicate(text: string): string | undefined {
  const scanner = createScanner(text, true);
  const open: (Set<string> | "array")[] = [];
  let previous: number | undefined;
  for (let token = scanner.scan(); token !== kind.EOF; previous = token, token = scanner.scan()) {
    const inside = open.at(-1);
    if (token === kind.OpenBraceToken || token === kind.OpenBracketToken) {
      if (open.push(token === kind.OpenBraceToken ? new Set() : "array") > MAX_DEPTH)
        return `The body is nested more than ${MAX_DEPTH} levels deep.`;
    } else if (token === kind.CloseBraceToken || token === kind.CloseBracketToken) {
      open.pop();
    } else if (inside instanceof Set && (previous === kind.OpenBraceToken || previous === kind.CommaToken)) {
      const key = scanner.getTokenValue();
      if (inside.has(key))
        return `The body has the key ${JSON.stringify(key.slice(0, 64))} twice in one object, at position ${scanner.getTokenOffset()}.`;
      inside.add(key);
    }
  }
  return undefined;
}

/** jsonc-parser declares its token kinds as a `const enum`, which type stripping cannot resolve (https://github.com/microsoft/node-jsonc-parser/blob/main/src/main.ts). */
const kind = { OpenBraceToken: 1, CloseBraceToken: 2, OpenBracketToken: 3, CloseBracketToken: 4, CommaToken: 5, EOF: 17 } as const;

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
/** The two additions of https://github.com/tc39/proposal-json-parse-with-source that TypeScript's library does not declare yet. */
const exact = JSON as unknown as { parse(text: string, reviver: Reviver): unknown; rawJSON(text: string): unknown };

/** Parses JSON so that JSON.stringify gives every number back digit for digit, beyond 2^53 too. */
export function parseExactly(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value,
  );
}
