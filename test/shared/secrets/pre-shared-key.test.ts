import assert from "node:assert/strict";
import { test } from "node:test";
import { keyFaults, MAX_KEY_LENGTH } from "../../../shared/secrets/pre-shared-key.ts";

const rows: readonly (readonly [name: string, key: string, faults: readonly string[]])[] = [
  ["an ordinary key", "Abcdef12!?", []],
  ["the longest key", "k".repeat(MAX_KEY_LENGTH), []],
  ["a longer key", "k".repeat(MAX_KEY_LENGTH + 1), ["tooLong"]],
  ["an empty key", "", ["empty"]],
  ["seven characters", "Abcdef1", ["short"]],
  ["a hyphen", "Abcdef-12", ["unusual"]],
  ["an umlaut", "Abcdef1\u00e4", ["notPrintable"]],
  ["several faults", "a\n b", ["notPrintable", "short", "unusual"]],
];
for (const [name, key, faults] of rows) test(`faults of ${name}`, () => assert.deepEqual(keyFaults(key), faults));
