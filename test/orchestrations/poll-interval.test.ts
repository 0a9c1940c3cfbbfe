import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createManualClock } from "../../local/clock.ts";
import { createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import type { StateStore } from "./history-program.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// What waiting costs: how often operations of all lengths are polled, and what one poll adds to the
// history.

const root = join(import.meta.dirname, "..", "..");
const HOUR = 3600;
/**
 * A timer and an activity, scheduled and done, and two episodes. Of the bytes most are the
 * operation's URL, which the local host keeps with the input.
 */
const aPoll = { events: 8, kilobytes: 4.5 };
const allElse = { events: 50, kilobytes: 50 };
const tens = (number: number) => Math.round(number / 10) * 10;

/** Polls of one operation that takes so long, in simulated time. */
async function pollsOf(seconds: number, retryAfterSeconds: number | null): Promise<number> {
  const clock = createManualClock(beginning);
  const azure = createSimulatedAzure({ clock, operationSeconds: seconds, retryAfterSeconds });
  const request = sealedRequest((event) => {
    event.id = "0b9f9d5e-6c1f-4a53-8f0e-3a5d1a4c7e21";
    event.data.deadlineMinutes = 1440;
  });
  const { completion } = await drive(request, wholeApp({ azure, publish: () => {} }), { clock, proven: 0 });
  // An operation as long as the longest deadline is answered there, and polled on to its end.
  assert.equal(completion.event.data.problem?.code, seconds < 24 * HOUR ? undefined : "OperationDeadlineExceeded");
  const polls = azure.calls.filter(({ kind }) => kind === "poll");
  for (const [index, { at }] of polls.entries()) {
    const former = polls[index - 1]?.at ?? 0;
    assert.ok(at - former >= (retryAfterSeconds ?? 5) * 1000, `poll ${index} came after ${at - former} ms`);
  }
  return polls.length;
}

test("polls are as many as docs/architecture.md says", async () => {
  const text = readFileSync(join(root, "docs", "architecture.md"), "utf8");
  const rows = [...text.matchAll(/^\| (\d+) (min|h) \|((?: [\d,]+ \|)+)$/gm)];
  assert.deepEqual(
    rows.map(([, length, unit]) => `${length} ${unit}`),
    ["30 min", "6 h", "24 h"],
  );
  for (const [line, length, unit, cells = ""] of rows) {
    const seconds = Number(length) * (unit === "h" ? HOUR : 60);
    const stated = [...cells.matchAll(/[\d,]+/g)].map(([cell]) => Number(cell.replaceAll(",", "")));
    const polls: number[] = [];
    for (const hint of [null, 10, 100]) polls.push(await pollsOf(seconds, hint));
    const [most = 0] = polls;
    const kept = [tens(allElse.events + most * aPoll.events), tens(allElse.kilobytes + most * aPoll.kilobytes)];
    assert.deepEqual(stated, [...polls, ...kept], line);
  }
});

test("a poll adds eight events to the history, and as many bytes as docs/architecture.md reckons with", async (context) => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "history-program.ts")], { timeout: 60_000 });
  const [few, many] = JSON.parse(stdout) as [StateStore, StateStore];
  assert.ok(many.polls > few.polls + 20);
  const more = many.polls - few.polls;
  assert.equal(many.events - few.events, more * aPoll.events);
  assert.ok(Math.abs(few.events - few.polls * aPoll.events - allElse.events) <= 10, JSON.stringify(few));
  const kilobytes = (many.bytes - few.bytes) / more / 1000;
  assert.ok(Math.abs(kilobytes - aPoll.kilobytes) < 0.3, `${kilobytes} KB a poll`);
  assert.ok(Math.abs(few.bytes / 1000 - few.polls * aPoll.kilobytes - allElse.kilobytes) < 15, JSON.stringify(few));
  context.diagnostic(`${JSON.stringify([few, many])}; a poll adds ${kilobytes.toFixed(2)} KB`);
});
