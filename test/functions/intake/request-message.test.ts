import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import { readMessage } from "../../../shared/contract/message.ts";
import { metadata } from "../../support/receiving.ts";

// The library of the worker makes JSON of every text of the metadata that can be read as JSON
// (fromRpcTypedData in @azure/functions).

/** A text as the worker hands it over. */
function handedOver(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What the app makes of a bare body under a message id, and of a session id. */
function read(text: string) {
  const given = metadata({ messageId: handedOver(text), replyToSessionId: handedOver(text), contentType: "application/json" });
  const message = readTriggerMessage(Buffer.from("{}"), { triggerMetadata: given } as unknown as InvocationContext, {
    queue: "q",
    now: () => new Date(0),
  });
  const result = readMessage(message);
  return { id: "unreadable" in result ? null : result.id, session: message.replySessionId, warned: message.warnings.length > 0 };
}

const lost = [
  "1000",
  "1000.0",
  "1e3",
  "1E3",
  "-0",
  "0",
  "42",
  "4.2e1",
  " 7 ",
  "9007199254740993",
  "1e400",
  "true",
  "false",
  "[1]",
  '{"a":1}',
];
for (const text of lost) {
  test(`lost: ${text} is no id, and no session`, () => assert.deepEqual(read(text), { id: null, session: null, warned: true }));
}

test("lost: null arrives as nothing, as if there were no id and no session", () => {
  assert.deepEqual(read("null"), { id: null, session: null, warned: false });
});

const exact = ["a", "1000a", "0x10", "007", "+1", "1,000", ".5", "1.", "1e", "NaN", "Infinity", "True", "[", "{a}", "'a'", "2026-01-01"];
for (const text of [...exact, "2026-01-01T00:00:00.000Z", "6f1c2f1e-5b0c-4c3a-9d0e-2f4a7c1d8b60", "1e500000-0000-0000-0000-000000000000"]) {
  test(`exact: ${text} is itself`, () => assert.deepEqual(read(text), { id: text, session: text, warned: false }));
}

test("a limit: text in quotes arrives without them", () => {
  for (const text of ['"a"', '"\\u0061"']) assert.deepEqual(read(text), { id: "a", session: "a", warned: false });
});
