import assert from "node:assert/strict";

/**
 * Idioms that a reader has to translate first, and words for which the glossary has another one.
 */
const idioms =
  /\b(whoever|nobody|somebody|in vain|all the same|is told|are told|stands?|none of|of its own|asks? for|beside it|expected|is no [a-z]+|where there is)\b/i;

/** Field names start a sentence as they are written. */
const start =
  /^(?:[A-Z"]|(?:[a-z]+[A-Z]\w*|[a-z]+\.[a-z]\w*|id|source|type|subject|time|name|ticket|specversion|mode|target|connection|data)\b)/;

/** Asserts that a message for requesters is one or more plain sentences of a readable length. */
export function assertPlain(message: string, longest = 300): void {
  assert.match(message, start, "starts like a sentence");
  assert.match(message, /[.?]$/, "ends like a sentence");
  assert.doesNotMatch(message, / {2}/, "no double spaces");
  assert.doesNotMatch(message, idioms, "no idioms");
  assert.doesNotMatch(message, /(^|\s)\/(?:data|connection|target)\//, "no JSON pointers");
  assert.doesNotMatch(message, /\b1 (?:errors|findings|items are|links)\b/, "no plural of one");
  assert.ok(message.length <= longest, `${message.length} characters: ${message}`);
}
