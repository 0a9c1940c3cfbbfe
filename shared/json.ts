import { visit } from "jsonc-parser";

/** Deeper nesting than this is refused: no request needs it, and recursion over it would be an attack. */
const MAX_DEPTH = 32;

/** A JSON text that is refused, with a sentence for its sender. */
export class JsonError extends Error {}

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
  refuseDeepOrDuplicate(text);
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    throw new JsonError(`The body is not valid JSON: ${place(error)}.`);
  }
}

/** V8 quotes the text around the fault, which may be a secret: only the position is kept. */
function place(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "it ends too early or is malformed" : `unexpected text at position ${position}`;
}

function refuseDeepOrDuplicate(text: string): void {
  const keys: Set<string>[] = [];
  let depth = 0;
  const enter = () => {
    if (++depth > MAX_DEPTH) throw new JsonError(`The body is nested more than ${MAX_DEPTH} levels deep.`);
  };
  visit(
    text,
    {
      onObjectBegin: () => {
        enter();
        keys.push(new Set());
      },
      onObjectProperty: (key, offset) => {
        const seen = keys.at(-1);
        if (seen?.has(key))
          throw new JsonError(`The body has the key ${JSON.stringify(key.slice(0, 64))} twice in one object, at position ${offset}.`);
        seen?.add(key);
      },
      onObjectEnd: () => {
        depth--;
        keys.pop();
      },
      onArrayBegin: enter,
      onArrayEnd: () => {
        depth--;
      },
    },
    { disallowComments: true },
  );
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
/** The two additions of https://github.com/tc39/proposal-json-parse-with-source that TypeScript's library does not declare yet. */
const exact = JSON as unknown as { parse(text: string, reviver: Reviver): unknown; rawJSON(text: string): unknown };

/** Parses JSON so that JSON.stringify gives every number back digit for digit, beyond 2^53 too. */
export function parseExactly(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value,
  );
}
