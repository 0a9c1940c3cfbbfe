import assert from "node:assert/strict";
import { test } from "node:test";
import { findWaitHint, readRetryAfter } from "../../../shared/arm/retry-after.ts";

const date = "Tue, 24 Nov 2026 12:00:00 GMT";
const headers: readonly (readonly [header: string | undefined, date: string | undefined, seconds: number | undefined])[] = [
  ["10", undefined, 10],
  [" 0 ", undefined, 0],
  ["Tue, 24 Nov 2026 12:01:30 GMT", date, 90],
  ["Tue, 24 Nov 2026 11:00:00 GMT", date, 0],
  ["Tue, 24 Nov 2026 12:01:30 GMT", undefined, undefined],
  ["soon", date, undefined],
  ["-5", date, undefined],
  ["1.5", undefined, undefined],
  [undefined, date, undefined],
];
for (const [header, at, seconds] of headers) {
  test(`Retry-After ${JSON.stringify(header)}, Date ${JSON.stringify(at)}: ${seconds} s`, () =>
    assert.equal(readRetryAfter(header, at), seconds));
}

const hints: readonly (readonly [text: unknown, seconds: number | undefined])[] = [
  ["The request can be retried in 14 seconds.", 14],
  ["Please retry after 2 minutes", 120],
  ["Too many requests, try again in 30 secs", 30],
  [{ details: [{ message: "retry after 5 seconds" }, { innererror: { message: "it can be retried in 40 seconds" } }] }, 40],
  ["The 3 links failed in 7 seconds", undefined],
  ["retry later", undefined],
  ["retry after 999999 seconds", undefined],
  [null, undefined],
];
for (const [text, seconds] of hints) {
  test(`the wait in ${JSON.stringify(text)} is ${seconds} s`, () => assert.equal(findWaitHint(text), seconds));
}
