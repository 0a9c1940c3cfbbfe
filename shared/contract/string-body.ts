import { messageBounds } from "../json/bounds.ts";

/**
 * Returns the JSON text inside a body that is one JSON string, else the body as it is. The
 * JavaScript client of Service Bus encodes every body as JSON, so that
 * `body: JSON.stringify(event)` arrives in quotes. It is clear what is meant: a request is an
 * object. A string in a string stays as it is, and so does a text that is not Unicode, because
 * bytes would change it.
 */
export function unwrapStringBody(body: Uint8Array): Uint8Array {
  if (body.length > messageBounds.bytes || !beginsWith(body, '"')) return body;
  try {
    const inner: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    const bytes = typeof inner === "string" && inner.isWellFormed() ? Buffer.from(inner) : body;
    return beginsWith(bytes, "{") ? bytes : body;
  } catch {
    // Not UTF-8, or not JSON: the parser of the body says so.
    return body;
  }
}

/** Whether the first character is this one, after the white space that JSON allows. */
function beginsWith(bytes: Uint8Array, character: string): boolean {
  const first = bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return first === character.charCodeAt(0);
}
