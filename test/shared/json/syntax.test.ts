import assert from "node:assert/strict";
import { test } from "node:test";
import { describeSyntaxError } from "../../../shared/json/syntax.ts";

const broken: readonly (readonly [text: string, says: string])[] = [
  ['{\n  "a": {\n    "b": 1,\n  }\n}', "line 4, column 3: a comma before the closing brace."],
  ["[1,\r\n2,\r\n]", "line 3, column 1: a comma before the closing bracket."],
  ['{"a": ', "line 1, column 7: the text ends too early."],
  ['{"a" 1}', "line 1, column 6: a colon is missing."],
  ['{"a": 1\n"b": 2}', "line 2, column 1: a comma is missing."],
  ['{"a": 1}}', "line 1, column 9: more text after the end of the document."],
  ["{a: 1}", "line 1, column 2: a word that is not allowed here; text must be in double quotes."],
  ['{"a": tru}', "line 1, column 7: a word that is not allowed here; text must be in double quotes."],
  ['{"a": 1 /* b */}', "line 1, column 9: a comment, which JSON does not allow."],
  ['{"a": "b\n}', "line 1, column 7: a closing double quote is missing."],
  ['{"a": "\t"}', "line 1, column 7: a control character inside a string; write it as an escape sequence."],
];
for (const [text, says] of broken) {
  test(`the place of what makes ${JSON.stringify(text)} invalid`, () => {
    assert.equal(describeSyntaxError(text), `Not valid JSON: ${says}`);
  });
}
