import { findJsonFault, messageBounds } from "./bounds.ts";
import { describeSyntaxError } from "./syntax.ts";

/**
 * A JSON text that is refused, with a sentence for its sender, and its value if it could be parsed.
 */
export class JsonError extends Error {
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Parses bytes as strict JSON within `messageBounds`: UTF-8 only, no property name twice. Names
 * such as `__proto__` are kept as plain data. Throws JsonError with a sentence that says what is
 * wrong, with line and column.
 */
export function parseJson(bytes: Uint8Array): { value: unknown; text: string } {
  // The size is checked first, because it costs nothing.
  if (bytes.length > messageBounds.bytes)
    throw new JsonError(`The body has ${bytes.length} bytes. At most ${messageBounds.bytes} are allowed.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JsonError("The body is not valid UTF-8.");
  }
  if (text.trim() === "") throw new JsonError("The body is empty.");
  const fault = findJsonFault(text);
  if (fault?.isTooDeep) throw new JsonError(fault.message, parsedOrNothing(text));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonError(describeSyntaxError(text));
  }
  if (fault) throw new JsonError(fault.message, value);
  return { value, text };
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
/**
 * The two additions of https://github.com/tc39/proposal-json-parse-with-source that TypeScript's
 * library does not declare yet.
 */
const exact = JSON as unknown as { parse(text: string, reviver: Reviver): unknown; rawJSON(text: string): unknown };

/** Parses JSON so that JSON.stringify writes every number digit for digit, beyond 2^53 too. */
export function parseExactly(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value,
  );
}
