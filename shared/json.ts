import { findJsonFault, messageBounds } from "./json-bounds.ts";

/** A JSON text that is refused, with a sentence for its sender, and its value where it has one all the same. */
export class JsonError extends Error {
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Parses bytes as strict JSON within `messageBounds`: UTF-8 only, no property name twice. Names such as `__proto__` are kept as plain data.
 * Throws JsonError with a sentence that says what is wrong and where.
 */
export function parseJson(bytes: Uint8Array): { value: unknown; text: string } {
  // Only this is known of a body before it costs anything.
  if (bytes.length > messageBounds.bytes)
    throw new JsonError(`The body has ${bytes.length} bytes; ${messageBounds.bytes} are allowed. Send a smaller message.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JsonError("The body is not valid UTF-8.");
  }
  if (text.trim() === "") throw new JsonError("The body is empty.");
  const fault = findJsonFault(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonError(`The body is not valid JSON: ${place(error)}.`);
  }
  if (fault) throw new JsonError(fault, value);
  return { value, text };
}

/** V8 quotes the text around the fault, which may be a secret: only the position is kept. */
function place(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "it ends too early or is malformed" : `unexpected text at position ${position}`;
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

/** Returns one property of a value that may be anything. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
