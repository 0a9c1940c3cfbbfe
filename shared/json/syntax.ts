import { visit } from "jsonc-parser";
import { describePlace } from "./place.ts";

/**
 * What each error of the parser means. The codes are a `const enum`, which type stripping cannot
 * resolve (https://github.com/microsoft/node-jsonc-parser/blob/main/src/main.ts).
 */
const meanings: ReadonlyMap<number, string> = new Map([
  [1, "a word that is not allowed here; text must be in double quotes"],
  [2, "a number that JSON does not allow"],
  [3, "a property name in double quotes is missing"],
  [4, "a value is missing"],
  [5, "a colon is missing"],
  [6, "a comma is missing"],
  [7, "a closing brace is missing"],
  [8, "a closing bracket is missing"],
  [9, "more text after the end of the document"],
  [10, "a comment, which JSON does not allow"],
  [11, "a comment, which JSON does not allow"],
  [12, "a closing double quote is missing"],
  [13, "a number that ends too early"],
  [14, "an escape sequence that JSON does not allow"],
  [15, "an escape sequence that JSON does not allow"],
  [16, "a control character inside a string; write it as an escape sequence"],
]);

interface SyntaxFault {
  readonly code: number;
  readonly offset: number;
}

/**
 * Returns what makes a text invalid JSON, with line and column. The text itself is not quoted,
 * because it may hold a secret. The parser is recursive, so the text must not be deeply nested.
 */
export function describeSyntaxError(text: string): string {
  const first = findFirst(text);
  if (!first) return "Not valid JSON.";
  return `Not valid JSON: ${describePlace(text, first.offset)}: ${describeFault(text, first)}.`;
}

/** Stops at the first fault: after it the nesting that the parser sees may have no bound. */
function findFirst(text: string): SyntaxFault | undefined {
  let first: SyntaxFault | undefined;
  const onError = (code: number, offset: number) => {
    first = { code, offset };
    throw new Error("stop");
  };
  try {
    visit(text, { onError }, { disallowComments: true });
  } catch {
    // The fault is noted.
  }
  return first;
}

function describeFault(text: string, { code, offset }: SyntaxFault): string {
  const closing = text[offset] === "}" ? "brace" : text[offset] === "]" ? "bracket" : undefined;
  if (closing && /,\s*$/.test(text.slice(0, offset))) return `a comma before the closing ${closing}`;
  if (offset >= text.trimEnd().length) return "the text ends too early";
  return meanings.get(code) ?? "unexpected text";
}
